"""Permalinks: the route that answers a stored question again."""
