"""Seals and proofs of credentials: signatures that are checked, and what they are worth."""
