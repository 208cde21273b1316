"""Tasks, features, models, training, evaluation and serving over snapshots of the graph."""
