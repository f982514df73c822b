"""Equivalence of levels and of skills (rules LEVEL-1 to LEVEL-4 and SKILL-1 to SKILL-3)."""
