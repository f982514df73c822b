"""Turtle: read it, and keep it in one form, so that its diffs are small and say something.

`python -m mastery_graph.sources.turtle --check FOLDER` says which files are not in that form; without `--check` it
rewrites them. The form is rdflib's `longturtle`: prefixes, then one block a resource, one value a line.
"""

import sys
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from mastery_graph.errors import OntologyError
from mastery_graph.vocabulary import PREFIXES


def read_turtle(path: Path) -> list[Triple]:
    """Return the triples of a Turtle file. Raises `OntologyError` with the file, the line and the reason."""
    try:
        return [quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE)]
    except SyntaxError as error:
        raise OntologyError(
            f"{path}, line {error.lineno}: {error.msg}.",
            "Mend the file and build again; the store is as it was.",
            file=str(path),
            line=error.lineno or 0,
        ) from None
    except OSError as error:
        raise OntologyError(f"{path} cannot be read: {error.strerror or error}.", file=str(path)) from None


def format_turtle(path: Path) -> str:
    """Return the content of a Turtle file in the project's form. Raises `OntologyError` where it does not parse."""
    from rdflib import Graph

    read_turtle(path)
    source = Graph(bind_namespaces="none").parse(path, format="turtle")
    ordered = Graph(bind_namespaces="none")
    used = {str(namespace): prefix for prefix, namespace in source.namespaces()} | {
        namespace: prefix for prefix, namespace in PREFIXES.items()
    }
    for namespace, prefix in used.items():
        ordered.bind(prefix, namespace)
    for triple in sorted(source):
        ordered.add(triple)
    return ordered.serialize(format="longturtle")


def main(arguments: list[str]) -> int:
    """Check or rewrite the Turtle files of the folders named; return 1 where a check finds a file in another form."""
    check = "--check" in arguments
    other = []
    for folder in (Path(argument) for argument in arguments if argument != "--check"):
        for path in sorted(folder.glob("*.ttl")):
            text = format_turtle(path)
            if text != path.read_text(encoding="utf-8"):
                other.append(path)
                if not check:
                    path.write_text(text, encoding="utf-8")
    for path in other:
        print(f"{path}: {'not in the form of the project; run make format' if check else 'rewritten'}")
    return 1 if check and other else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
