"""The economy, lived month by month: people first. Knows no file format, no graph and no feature."""
