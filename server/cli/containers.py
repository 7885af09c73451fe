"""Commands on containers: what marketers write."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import click
from msgspec.structs import replace

from server.cli.destinations import destinations
from server.cli.group import Group
from server.cli.here import running
from server.cli.importing import import_gtm
from server.cli.origin import origin
from server.cli.previews import preview, trace
from server.cli.publishing import diff_, draft, history, publish, rollback
from server.cli.simulating import simulate, try_
from server.cli.told import told
from server.containers.document import read_source
from server.containers.load import Findings, lint_container, lint_links
from server.containers.model import Container
from server.destinations import tag_types
from server.errors import ConfigError
from server.settings import read_settings


@click.group(cls=Group)
def container() -> None:
    """Work on containers: the configuration of one site each."""


@container.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings are errors too.")
@told
def container_check(files: tuple[Path, ...], *, strict: bool) -> None:
    """Check container files, or all of a folder; without FILES, of FREEHOLD_CONTAINERS. Exit code 1
    on errors."""
    given = files or (read_settings(os.environ).containers,)
    folders = {path: sorted(path.glob("*.yaml")) for path in given if path.is_dir()}
    paths = [one for path in given for one in folders.get(path, [path])]
    is_bad = False
    found = {path: _findings(path) for path in paths}
    others = _others(found)
    for path, one in found.items():
        findings = lint_links(one, str(path), others)
        for line in findings.errors:
            click.echo(line, err=True)
        for line in findings.warnings:
            click.echo(f"{line} (warning)", err=True)
        for line in findings.notes:
            click.echo(f"{line} (note)", err=True)
        is_bad |= bool(findings.errors or (strict and findings.warnings))
        if findings.container is not None:
            count = len(findings.warnings)
            more = f", {count} warning{'s' * (count > 1)}" if count else ""
            click.echo(f"{path}: well, container {findings.container.id!r}{more}")
    sys.exit(1 if is_bad else 0)


def _findings(path: Path) -> Findings:
    try:
        return lint_container(read_source(path), str(path), tag_types())
    except ConfigError as error:
        return Findings(errors=list(error.problems))


def _others(found: Mapping[Path, Findings]) -> list[Container]:
    """All containers that are well, of the folder too, where one of them links to others."""
    here = [findings.container for findings in found.values() if findings.container is not None]
    if not any(one.links.domains for one in here):
        return []
    with suppress(ConfigError):
        for path in read_settings(os.environ).containers.glob("*.yaml"):
            if path not in found:
                here += [one for one in [_findings(path).container] if one is not None]
    return here


@container.command("schema")
def container_schema() -> None:
    """Print the JSON Schema of containers, for editors: tag_configs/schema.json."""
    from server.containers.schema import json_schema

    click.echo(json.dumps(json_schema(tag_types()), indent=2, ensure_ascii=False))


@container.command("reference")
def container_reference() -> None:
    """Print the reference page of the language: tag_configs/README.md."""
    from server.containers.reference import reference

    click.echo(reference(tag_types()), nl=False)


@container.command("snippet")
@click.argument("name")
@origin
@click.option("--csp", is_flag=True, help="What a Content-Security-Policy has to allow, instead.")
@told
def container_snippet(name: str, origin: str, csp: bool) -> None:
    """Print the snippet to paste into the pages of container NAME."""
    from server.collector.script import policy, snippet

    settings = read_settings(os.environ)
    found = running(settings)
    if name not in found:
        raise click.ClickException(f"no container {name!r} runs; there are {', '.join(found)}")
    chosen = found[name] if settings.page_tags else replace(found[name], page_tags={})
    lines = policy(chosen, origin=origin) if csp else [snippet(chosen, origin=origin)]
    click.echo("\n".join(lines))


for command in (publish, history, diff_, rollback, draft, preview, trace):
    container.add_command(command)
for command in (simulate, try_, import_gtm, destinations):
    container.add_command(command)
