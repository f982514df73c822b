"""The HTTP server underneath the application."""
