"""The build pipeline: read the sources, check them, derive what follows, describe the dataset."""
