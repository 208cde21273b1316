"""How fast the model learns, scores, explains and takes in new facts, each beside its rival in the same run."""
