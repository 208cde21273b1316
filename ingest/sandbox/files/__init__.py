"""Raw files as institutions would deliver them, written from a society and its event log."""
