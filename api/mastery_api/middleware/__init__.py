"""ASGI middleware: limits, host validation, HEAD requests and the request log."""
