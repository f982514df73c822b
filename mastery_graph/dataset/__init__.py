"""The dataset as a whole: described, dumped, compared with another version of itself, backed up."""
