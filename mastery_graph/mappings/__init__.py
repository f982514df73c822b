"""Mappings as a set: exported in SSSOM and JSKOS, and the decisions people record on them."""
