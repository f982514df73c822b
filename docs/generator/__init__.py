"""The generator of the documentation site: reference pages from data and code, and the build of the whole site.

`python -m docs.generator` builds the site; each module here writes one part of the reference.
"""
