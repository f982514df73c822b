"""Changes of a store in use, made in a separate process and published in one step."""
