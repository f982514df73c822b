"""The answers: equivalence, stackability, recognition. Each is an immutable record that carries its reasons."""
