"""Linked data: descriptions of single resources, and the JSON-LD context of the vocabulary."""
