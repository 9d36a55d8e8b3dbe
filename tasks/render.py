"""Render what is ours on a router: its part of the description through the templates of its platform."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from netaddr import IPNetwork
from nornir.core.task import Task
from nornir_jinja2.plugins.tasks import template_file

import templates
from sixpeer.configtree.facts import RouterFacts
from sixpeer.configtree.sequence import numbered
from sixpeer.intent import Intent


@cache
def environment() -> Environment:
    """The one strict Jinja2 environment: an unknown variable is an error, templates compile once."""
    strict = Environment(
        loader=FileSystemLoader(Path(templates.__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - router configuration, not HTML
    )
    strict.filters["exactly"] = exactly
    strict.filters["numbered"] = numbered
    return strict


def exactly(prefix: IPNetwork, length: int) -> str:
    """A prefix-list match for the parts of `prefix` that have this length; `ge`, `le` only where they are shorter."""
    return str(prefix) if prefix.prefixlen == length else f"{prefix} ge {length} le {length}"


def render(task: Task, intent: Intent, facts: RouterFacts, passwords: dict[str, str]) -> str:
    """What is ours on this router, as text. `passwords` by cluster: the values, or what to show for them."""
    rendered = task.run(
        template_file,
        name="render",
        severity_level=logging.DEBUG,  # it has the passwords in it
        template=f"{task.host.platform}/router.conf.j2",
        jinja_env=environment(),
        intent=intent,
        router=intent.routers[task.host.name],
        clusters=list(intent.clusters_of(task.host.name).values()),
        facts=facts,
        passwords=passwords,
    )
    return str(rendered.result)
