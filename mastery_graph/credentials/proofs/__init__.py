"""Seals and proofs of credentials: verification of signatures and assessment of their signers."""
