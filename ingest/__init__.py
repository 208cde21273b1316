"""Source files in, facts out: declared readers, row checks and the load into a store."""
