"""The dataset as a whole: description, dumps, comparison of versions, back-ups."""
