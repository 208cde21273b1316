import java.nio.file.Path;
import org.neo4j.configuration.Config;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.graphdb.facade.DatabaseManagementServiceFactory;
import org.neo4j.graphdb.facade.GraphDatabaseDependencies;
import org.neo4j.graphdb.factory.module.edition.CommunityEditionModule;
import org.neo4j.kernel.impl.factory.DbmsInfo;

/** Starts Neo4j Community from its jars with HOME/conf/neo4j.conf, and stops it cleanly on SIGTERM. */
class Server {
    public static void main(String[] args) {
        Path home = Path.of(args[0]).toAbsolutePath();
        Config config = Config.newBuilder()
            .fromFile(home.resolve("conf").resolve("neo4j.conf"))
            .set(GraphDatabaseSettings.neo4j_home, home)
            .build();
        var server = new DatabaseManagementServiceFactory(DbmsInfo.COMMUNITY, CommunityEditionModule::new)
            .build(config, false, GraphDatabaseDependencies.newDependencies());
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
    }
}
