"""Versions of ESCO in a store: read, load, keep and switch between them."""
