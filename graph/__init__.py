"""The relationship graph: vocabulary, stores, snapshots and the one as-of neighbourhood function."""
