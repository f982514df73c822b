"""The build: sources to a checked, closed and described graph in a store."""
