"""Linked data: descriptions of resources, and the JSON-LD context of the vocabulary."""
