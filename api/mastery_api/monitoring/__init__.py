"""Health, metrics and traces of the service."""
