"""The tree of errors: drawn as it is, complete in one module, and with advice that fits each face."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

import mastery_api
import mastery_graph
from mastery_api.actions import ACTIONS as REQUESTS
from mastery_api.application import build_application
from mastery_api.routing import single_routes
from mastery_graph import errors
from mastery_graph.cli.actions import ACTIONS as COMMANDS
from mastery_graph.cli.app import app
from mastery_graph.errors import (
    AdvisedAction,
    EndpointDown,
    EndpointFailed,
    HttpError,
    MasteryError,
    MethodRefused,
    TokenRefused,
    UnknownQuery,
)
from mastery_graph.settings import Settings

LIBRARY, SERVICE = (Path(str(package.__file__)).parent for package in (mastery_graph, mastery_api))
HTTP_WORDS = re.compile(r"\b(?:GET|POST|PUT|DELETE) /|/v1/")
CLI_WORDS = re.compile(r"`mastery-graph |(?<![\w-])--[a-z]")


def _subclasses(kind: type[MasteryError]) -> Iterator[type[MasteryError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _tree(kind: type[MasteryError], indent: str = "") -> Iterator[tuple[str, str]]:
    """Yield each error with the lines of the drawing before its name."""
    subclasses = kind.__subclasses__()
    for number, subclass in enumerate(subclasses, 1):
        is_last = number == len(subclasses)
        yield indent + ("└── " if is_last else "├── "), subclass.__name__
        yield from _tree(subclass, indent + ("    " if is_last else "│   "))


def _sources(folder: Path) -> list[Path]:
    files = sorted(folder.rglob("*.py"))
    assert len(files) > 40
    return files


@pytest.fixture(scope="module", autouse=True)
def _all_modules() -> None:
    """Import every module, so that an error defined anywhere is a subclass."""
    for package in (mastery_graph, mastery_api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def test_every_error_is_defined_in_one_module() -> None:
    assert {kind.__module__ for kind in _subclasses(MasteryError)} == {errors.__name__}


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = re.findall(r"^ {4}([│├└─ ]+)(\w+) {2,}\S", str(errors.__doc__), re.MULTILINE)
    assert drawn == list(_tree(MasteryError))


def test_the_exit_codes_are_drawn_as_they_are() -> None:
    drawn = re.findall(r"[├└]── (\w+) .* exit (\d)$", str(errors.__doc__), re.MULTILINE)
    assert drawn == [(kind.__name__, str(kind.exit_code)) for kind in MasteryError.__subclasses__()]


def test_each_error_but_those_of_a_build_has_a_problem_type_of_its_own() -> None:
    kinds = list(_subclasses(MasteryError))
    assert len({kind.slug for kind in kinds}) == len(kinds)
    assert all(kind.__doc__ and 400 <= kind.status < 600 for kind in kinds)


def test_errors_of_http_are_raised_by_the_service_only() -> None:
    names = {HttpError.__name__, *(kind.__name__ for kind in _subclasses(HttpError))}
    raised = {
        (path.name, node.func.id)
        for path in _sources(LIBRARY)
        if path != LIBRARY / "client.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    }
    assert raised == set()


def _error_texts(path: Path) -> Iterator[str]:
    """Yield the texts in the calls that create an error, and in the constants of the module that they use."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    kinds = {kind.__name__ for kind in _subclasses(MasteryError)}
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    calls = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in kinds
    ]
    for call in calls:
        parts = list(ast.walk(call))
        names = {part.id for part in parts if isinstance(part, ast.Name)}
        used = [part for name in names & constants.keys() for part in ast.walk(constants[name])]
        yield from (
            part.value for part in (*parts, *used) if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )


def test_the_search_for_texts_reads_calls_and_constants(tmp_path: Path) -> None:
    file = tmp_path / "raising.py"
    file.write_text('A = "GET /v1/a"\nraise BadSource(f"{x} of", Message("--all"), A)', encoding="utf-8")
    assert {"GET /v1/a", " of", "--all"} <= set(_error_texts(file))


@pytest.mark.parametrize(
    ("folder", "excluded", "words"),
    [
        (LIBRARY, ("cli", "client.py"), HTTP_WORDS),
        (LIBRARY, ("cli", "client.py"), CLI_WORDS),
        (LIBRARY / "cli", (), HTTP_WORDS),
        (SERVICE, (), CLI_WORDS),
    ],
)
def test_no_error_advises_in_the_words_of_another_face(
    folder: Path, excluded: tuple[str, ...], words: re.Pattern[str]
) -> None:
    excluded_paths = {folder / name for name in excluded}
    files = [path for path in sorted(folder.rglob("*.py")) if not excluded_paths & {path, *path.parents}]
    texts = {(path.relative_to(folder).as_posix(), text) for path in files for text in _error_texts(path)}
    assert len(texts) > 20
    assert {place for place in texts if words.search(place[1])} == set()


@pytest.mark.parametrize("action", AdvisedAction)
def test_each_face_words_each_action_in_its_own_way(action: AdvisedAction) -> None:
    assert REQUESTS[action] != COMMANDS[action]
    assert not CLI_WORDS.search(REQUESTS[action])
    assert not HTTP_WORDS.search(COMMANDS[action])


def test_the_requests_that_are_advised_exist() -> None:
    paths = {path for text in REQUESTS.values() for path in re.findall(r"GET (/[\w/]+)", text)}
    application = build_application(Settings(store=Path("unused"), sparql_endpoint="http://127.0.0.1:9/sparql"))
    assert len(paths) > 3
    assert paths <= {route.path for route in single_routes(application.router.routes)}
    application.state.served.close()


def test_the_commands_that_are_advised_exist() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    commands = {name for text in COMMANDS.values() for name in re.findall(r"mastery-graph (\w+)", text)}
    assert len(commands) > 5
    assert commands <= group.commands.keys()


def test_advice_and_action_are_worded_together() -> None:
    error = UnknownQuery("There is none.", "Look closely.", AdvisedAction.LIST_QUERIES)
    assert error.advice_for(COMMANDS) == f"Look closely. {COMMANDS[AdvisedAction.LIST_QUERIES]}"
    assert UnknownQuery("There is none.").advice_for(COMMANDS) == ""
    assert str(error) == "There is none. Look closely."


def test_an_error_has_its_headers() -> None:
    assert EndpointDown("Down.").headers == {"Retry-After": "10"}
    assert EndpointDown("Down.", retry_after=3).headers == {"Retry-After": "3"}
    assert EndpointFailed("Failed.").headers == {}
    assert TokenRefused("None.").headers == {"WWW-Authenticate": 'Bearer realm="mastery-graph"'}
    assert MethodRefused("No.", allow="GET, POST").headers == {"Allow": "GET, POST"}
