"""The graph in one DuckDB file, for where no server is wanted."""
