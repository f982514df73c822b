"""The documentation site: its pages, and the generator of its reference."""
