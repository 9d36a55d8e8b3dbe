"""docs/frr-driver.md fails if it leaves out a method or an optional argument of the driver, or invents one."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from napalm.base import NetworkDriver

from custom_napalm.frr import FRRDriver, connection, driver

PAGE = (Path(__file__).parents[2] / "docs" / "frr-driver.md").read_text(encoding="utf-8")


def named(heading: str) -> set[str]:
    """The names in the first column of the table below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    columns = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {name for column in columns for name in re.findall(r"`(\w+)`", column)}


def test_the_methods_are_those_of_the_page() -> None:
    methods = {
        name
        for name, method in inspect.getmembers(FRRDriver, inspect.isfunction)
        if not name.startswith("_") and method is not getattr(NetworkDriver, name)
    }
    inherited = {"load_template"}  # NAPALM's own, on our templates
    assert named("Configuration") | named("Reading") == (methods - {"open", "close"}) | inherited


def test_the_optional_arguments_of_the_driver_are_on_the_page() -> None:
    sources = inspect.getsource(driver) + inspect.getsource(connection)
    ours = set(re.findall(r'options\.get\("(\w+)"', sources))
    assert ours == {"session", "owner", "state_folder"}
    assert ours <= named("optional_args")


def test_the_other_optional_arguments_are_netmikos() -> None:
    arguments = dict.fromkeys(named("optional_args"), object())
    passed = connection.netmiko_helpers.netmiko_args(arguments)
    assert arguments.keys() - passed.keys() == {"session", "owner", "state_folder"}
