"""HTML rendering: templates, the reader's language, pictures and related resources."""
