"""Readers of registers of bodies, accreditations and qualifications, in the formats in which they are published.

Each reader yields records (`records.py`), which `triples.py` turns into the triples of the graph `registers/NAME`. An
entry that cannot be used is rejected with its place and the reason, and the others are read.
"""
