"""Linked data over HTTP: addresses of resources, their representations and pages."""
