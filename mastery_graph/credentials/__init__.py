"""Credential descriptions as they are submitted: read, unsealed and described."""
