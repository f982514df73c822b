"""ESCO as it is loaded: what a version holds, how it differs from another, what it does to mappings and answers."""
