"""The set of all mappings: its export in SSSOM and JSKOS, and decisions of people about mappings."""
