"""Data of any size to measure with: an ESCO-shaped graph, descriptions and issued credentials over concepts of ESCO.

    python -m benchmarks.generate esco --triples 6500000 --out esco.ttl
    python -m benchmarks.generate catalogue --descriptions 100000 --out catalogue.ttl
    python -m benchmarks.generate credentials --credentials 100000 --out credentials.jsonl

The same options give the same bytes. All grow from the ESCO download in CSV, which lies beside the checkout, in
`../shared/data/esco-1.2.0`, or in the folder given with `--from`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pyoxigraph import RdfFormat, serialize

from benchmarks.catalogue import catalogue
from benchmarks.credentials import credentials, write_credentials
from benchmarks.esco_graph import LANGUAGES, Hierarchy, Wanted, hierarchy, write_esco
from mastery_graph.vocabulary import ESCO, PREFIXES

DOWNLOAD = Path(__file__).resolve().parents[2] / "shared" / "data" / "esco-1.2.0"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what is asked for and say how large it is."""
    given = _parser().parse_args(arguments)
    if not given.download.is_dir():
        print(f"The ESCO download is not at {given.download}; name its folder with --from.", file=sys.stderr)
        return 2
    known = hierarchy([given.download])
    if given.what == "esco":
        wanted = Wanted(
            triples=given.triples,
            languages=tuple(given.languages.split(",")),
            version=given.version,
            seed=given.seed,
            obsolete=given.obsolete,
            missing=given.missing,
            relabelled=given.relabelled,
        )
        with given.out.open("w", encoding="utf-8") as out:
            number = write_esco(out, known, wanted)
        said = f"{number} triples, ESCO {wanted.version} as made with seed {wanted.seed}"
    elif given.what == "credentials":
        concepts = _skills(known)
        write_credentials(credentials(given.credentials, concepts, given.seed), given.out)
        said = f"{given.credentials} credentials over {len(concepts)} concepts, seed {given.seed}"
    else:
        concepts = _skills(known)
        triples = catalogue(given.descriptions, concepts, given.seed)
        serialize(triples, output=str(given.out), format=RdfFormat.TURTLE, prefixes=PREFIXES)
        said = f"{given.descriptions} descriptions over {len(concepts)} concepts, seed {given.seed}"
    print(f"{given.out}: {said}.", file=sys.stderr)
    return 0


def _skills(known: Hierarchy) -> list[str]:
    return sorted(concept.iri for concept in known.leaves if concept.kind == ESCO + "Skill")


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--out", type=Path, required=True, help="file to write")
    common.add_argument("--seed", type=int, default=1)
    common.add_argument("--from", dest="download", type=Path, default=DOWNLOAD, help="folder of the CSV download")
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__.partition("\n")[0])
    kinds = parser.add_subparsers(dest="what", required=True)
    esco = kinds.add_parser("esco", parents=[common], help="a graph in the shape of ESCO's official Turtle")
    esco.add_argument("--triples", type=int, default=6_500_000, help="its size; the official one has about 6.5 million")
    esco.add_argument("--languages", default=",".join(LANGUAGES), help="divided by commas; all 28 by default")
    esco.add_argument("--version", default="1.2.0", help="the version that it says it is")
    esco.add_argument("--obsolete", type=float, default=0.0, help="share of skills that are obsolete, such as 0.02")
    esco.add_argument("--missing", type=float, default=0.0, help="share of skills that are left out")
    esco.add_argument("--relabelled", type=float, default=0.0, help="share of skills with another English label")
    made = kinds.add_parser("catalogue", parents=[common], help="made-up descriptions over the skills of ESCO")
    made.add_argument("--descriptions", type=int, default=100_000)
    issued = kinds.add_parser(
        "credentials", parents=[common], help="made-up issued credentials: .jsonl, .zip or a folder"
    )
    issued.add_argument("--credentials", type=int, default=100_000)
    return parser


if __name__ == "__main__":
    sys.exit(main())
