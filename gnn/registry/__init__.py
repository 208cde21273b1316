"""The life of models after training: tracked, registered, compared, promoted, rolled back; the only place that knows MLflow."""
