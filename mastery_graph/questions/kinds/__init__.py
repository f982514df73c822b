"""The kinds of questions, one module a topic: the parameters of each, and how it is answered."""
