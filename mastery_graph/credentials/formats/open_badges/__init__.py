"""Open Badges 3.0 (1EdTech): conversion to and from ELM."""
