"""Changes of a store that is in use: made in a process of their own, published in one step."""
