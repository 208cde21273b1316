"""The graph in a Neo4j server, spoken to by the official driver with Community features only."""
