"""`creditgraph evaluate`: how well every model does on loans it has not seen, side by side."""


def evaluate() -> None:
    """Compare all models on the published snapshot."""
