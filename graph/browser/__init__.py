"""What an analyst opens in Neo4j Browser: saved queries, kept as text under a name."""
