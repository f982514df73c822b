"""Recognition statements: their records, and which of them apply to a question."""
