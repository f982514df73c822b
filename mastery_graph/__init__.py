"""Answers to what a micro-credential is worth, at home and abroad, and what it adds up to."""

__version__ = "0.1.0"

__all__ = ["__version__"]
