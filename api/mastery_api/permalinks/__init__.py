"""Permalinks: stored requests and the routes that replay them."""
