"""Stored answers, and their replay on another state of the data."""
