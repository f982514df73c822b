"""Full-text search for concepts, over all labels and descriptions of the graph, in all its languages."""
