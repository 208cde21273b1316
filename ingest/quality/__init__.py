"""What the sources delivered and how good it was, told from manifests and quarantine alone; no graph is opened for it."""
