"""Stored answers and their replay against another state of the data."""
