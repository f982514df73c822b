"""Containers: the pictures, wrappers, presentations and records in which credentials travel."""
