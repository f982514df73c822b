"""The command that builds the documentation site."""

import argparse
import sys
from pathlib import Path

from docs.generator.project import ROOT
from docs.generator.site import DocumentationError, build_site


def main() -> int:
    """Build the site; return 1 where a page has a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "api" / "mastery_api" / "site", help="folder of the site")
    parser.add_argument("--workspace", type=Path, default=ROOT / "var" / "docs", help="folder of intermediate files")
    parser.add_argument("--renderer", type=Path, default=ROOT / ".venv-docs" / "bin" / "zensical", help="zensical")
    arguments = parser.parse_args()
    try:
        build_site(arguments.output, arguments.workspace, arguments.renderer)
    except DocumentationError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The documentation site is in {arguments.output}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
