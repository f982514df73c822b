"""Equivalence: which levels compare, and which concepts correspond (rules LEVEL-1 to SKILL-3)."""
