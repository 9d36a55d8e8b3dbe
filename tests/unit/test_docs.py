"""The README fails if it leaves out a command, an option, a check, an exit code or a dependency."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

from sixpeer.checks import judge, probes, routes, sessions
from sixpeer.errors import ExitCode

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(path.stem for path in (ROOT / "runbooks").glob("*.py") if "__main__" in path.read_text())


def test_the_commands_are_those_of_the_readme():
    assert set(COMMANDS) == set(re.findall(r"^\| `python -m runbooks\.(\w+)`", README, re.MULTILINE))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_options_that_the_readme_explains(command, capsys):
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"runbooks.{command}").main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for option in set(re.findall(r"--[a-z-]+", shown)) - {"--help"}:
        assert option in README, option
    for code in ExitCode:
        assert re.search(rf"^  {int(code)}  ", shown, re.MULTILINE)


def test_every_check_is_explained():
    modules = (judge, routes, sessions)
    names = {
        value for module in modules for name, value in vars(module).items() if name.isupper() and isinstance(value, str)
    }
    table = README.partition("## What it checks")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z0-9-]+)`", table.partition("A check is")[0])) == names | set(probes.Kind)


def test_every_exit_code_is_explained():
    assert re.findall(r"^\| (\d) \|", README, re.MULTILINE) == [str(int(code)) for code in sorted(ExitCode)]


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    table = README.partition("## Dependencies")[2]
    assert [name for name in (re.split(r"[>=]", line)[0] for line in wanted) if name not in table] == []


def test_every_make_target_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for file in (README, (ROOT / "CONTRIBUTING.md").read_text()):
        assert set(re.findall(r"\bmake ([a-z]+)\b", file)) - {"sure"} <= targets


def test_every_path_of_the_readme_exists():
    for path in re.findall(r"`((?:sixpeer|tasks|runbooks|templates|custom_napalm|lab|inventory)/[\w./-]*)`", README):
        assert (ROOT / path).exists(), path
