"""Update of the catalogues in `web/languages` from the texts of the templates: `make messages`.

A new text gets an empty translation, to be written by a person; a text that no longer exists is removed.
"""

import io
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from mastery_api.html.languages import LANGUAGES
from mastery_api.html.web_folder import web_folder

_HEAD: Final = """# The texts of the pages: {name}.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def template_catalogue() -> Catalog:
    """Return a catalogue of all texts of the templates, without translations."""
    texts = Catalog(project="mastery-graph", version="", fuzzy=False)
    templates = web_folder() / "templates"
    for file, line, message, comments, _ in extract_from_dir(
        str(templates), [("**.html", "jinja2"), ("**.svg", "jinja2")], options_map={"**": {"newstyle_gettext": "true"}}
    ):
        texts.add(message, locations=[(file, line)], auto_comments=comments)
    return texts


def main() -> None:
    """Rewrite the catalogue of each language."""
    for language in LANGUAGES:
        if language != "en":
            path = web_folder() / "languages" / f"{language}.po"
            path.write_bytes(update_catalogue(path.read_bytes(), language))


def update_catalogue(content: bytes, language: str) -> bytes:
    """Return a catalogue updated to the current texts of the templates."""
    catalogue = read_po(io.BytesIO(content), locale=language)
    catalogue.update(template_catalogue(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    output = io.BytesIO()
    write_po(output, catalogue, width=120, sort_output=True, include_lineno=False, omit_header=True)
    return _HEAD.format(name=LANGUAGES[language], language=language).encode() + output.getvalue()


if __name__ == "__main__":
    main()
