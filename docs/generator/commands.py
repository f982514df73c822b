"""The reference of the command line, from its Typer application."""

from collections.abc import Iterator

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from docs.generator.markdown import escape, paragraphs, table
from mastery_graph.cli.app import app


def command_reference() -> str:
    """Return a section for each command: its usage, what it does, its arguments and options."""
    return paragraphs(*(_section(name, command) for name, command in commands()))


def command_list() -> str:
    """Return the list of all commands, with a link to each."""
    rows = [
        (f"[`mastery-graph {name}`](#{name.replace(' ', '-')})", escape(_summary(command)))
        for name, command in commands()
    ]
    return table(["command", "what it does"], rows)


def commands() -> Iterator[tuple[str, TyperCommand]]:
    """Yield each command that is not hidden, by its name, such as `load esco`."""
    group = typer.main.get_command(app)
    yield from _commands_of(group)  # type: ignore[arg-type]


def _commands_of(group: TyperGroup, prefix: str = "") -> Iterator[tuple[str, TyperCommand]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, TyperGroup):
            yield from _commands_of(command, f"{prefix}{name} ")
        elif not command.hidden:
            yield f"{prefix}{name}", command  # type: ignore[misc]


def _section(name: str, command: TyperCommand) -> str:
    arguments = [p for p in command.params if isinstance(p, TyperArgument)]
    options = [p for p in command.params if isinstance(p, TyperOption) and "--help" not in p.opts]
    usage = " ".join(["mastery-graph", name, *map(_argument, arguments), *(["[OPTIONS]"] if options else [])])
    return paragraphs(
        f"### mastery-graph {name} {{ #{name.replace(' ', '-')} }}",
        f"    {usage}",
        escape(" ".join((command.help or "").split())),
        table(["argument", "meaning"], [(f"`{_argument(p)}`", _help(p)) for p in arguments]) if arguments else None,
        table(["option", "default", "meaning"], [_option(p) for p in options]) if options else None,
    )


def _argument(parameter: TyperArgument) -> str:
    name = (parameter.name or "").upper() + ("…" if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _option(parameter: TyperOption | TyperArgument) -> tuple[str, str, str]:
    default = "" if parameter.default in (None, False, ()) else f"`{parameter.default}`"
    return ", ".join(f"`{name}`" for name in parameter.opts), default, _help(parameter)


def _help(parameter: TyperOption | TyperArgument) -> str:
    return escape(getattr(parameter, "help", None) or "")


def _summary(command: TyperCommand) -> str:
    return " ".join((command.help or "").split()).split(". ")[0].removesuffix(".") + "."
