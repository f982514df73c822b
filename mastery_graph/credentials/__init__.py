"""Submitted credential documents: reading, signature checks, descriptions and conversion."""
