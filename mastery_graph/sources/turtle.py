"""Reader and formatter of Turtle files; one canonical format keeps their diffs small and readable.

`python -m mastery_graph.sources.turtle --check FOLDER` lists the files that are not formatted; without `--check` it
rewrites them. The format is rdflib's `longturtle`: prefixes, then one block per resource, one value per line.
"""

import sys
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from mastery_graph.errors import DocumentTooDeep, OntologyError
from mastery_graph.sources.nesting import refuse_deep_turtle
from mastery_graph.vocabulary import PREFIXES


def read_turtle(path: Path) -> list[Triple]:
    """Return the triples of a Turtle file. Raises `OntologyError` with the file, the line and the reason."""
    try:
        content = path.read_bytes()
        refuse_deep_turtle(content.decode("utf-8", "replace"))
        return [quad.triple for quad in parse(content, format=RdfFormat.TURTLE)]
    except DocumentTooDeep as error:
        raise OntologyError(f"{path}: {error.detail}", file=str(path)) from None
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
    """Return the content of a Turtle file in the canonical format. Raises `OntologyError` if it does not parse."""
    from rdflib import Graph

    read_turtle(path)
    source = Graph(bind_namespaces="none").parse(path, format="turtle")
    ordered = Graph(bind_namespaces="none")
    prefixes = {str(namespace): prefix for prefix, namespace in source.namespaces()} | {
        namespace: prefix for prefix, namespace in PREFIXES.items()
    }
    for namespace, prefix in prefixes.items():
        ordered.bind(prefix, namespace)
    for triple in sorted(source):
        ordered.add(triple)
    return ordered.serialize(format="longturtle")


def main(arguments: list[str]) -> int:
    """Check or rewrite the Turtle files of the given folders; return 1 if a check finds an unformatted file."""
    check = "--check" in arguments
    unformatted = []
    for folder in (Path(argument) for argument in arguments if argument != "--check"):
        for path in sorted(folder.glob("*.ttl")):
            text = format_turtle(path)
            if text != path.read_text(encoding="utf-8"):
                unformatted.append(path)
                if not check:
                    path.write_text(text, encoding="utf-8")
    for path in unformatted:
        print(f"{path}: {'not in the form of the project; run make format' if check else 'rewritten'}")
    return 1 if check and unformatted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
