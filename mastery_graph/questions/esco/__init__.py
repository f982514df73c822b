"""Reports on the loaded ESCO: its content, differences between versions, and obsolete concepts."""
