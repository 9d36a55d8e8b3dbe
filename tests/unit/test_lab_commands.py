"""The lab's command line, as far as it can be tried without a lab."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the package `lab` is not installed

from lab import __main__ as commands
from lab import programs, versions
from lab.errors import LabError
from lab.state import Ran, Record, State


@pytest.fixture
def called(monkeypatch):
    """What `lab frr` asked for, of each version."""
    calls = {}
    monkeypatch.setattr(versions, "unpack", lambda version, _, **options: calls.setdefault(version, options))
    monkeypatch.setattr(versions, "number", lambda _: "1.2.3")
    return calls


def refused(capsys, *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        commands.main(list(words))
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_frr_unpacks_each_version(called, capsys):
    assert commands.main(["frr", "10.3", "newest"]) == 0
    assert called == {version: {"refresh": False, "mirror": None} for version in ("10.3", "newest")}
    assert f"FRR 10.3 is 1.2.3, in {programs.cache()}/frr/trixie" in capsys.readouterr().out


def test_frr_refreshes_from_a_mirror_when_asked(called):
    assert commands.main(["frr", "8.4", "--refresh", "--mirror", "http://mirror.example/debian"]) == 0
    assert called == {"8.4": {"refresh": True, "mirror": "http://mirror.example/debian"}}


@pytest.mark.parametrize("version", ["9", "installed", "10.3.1"])
def test_frr_names_the_versions_there_are(capsys, version):
    assert "choose from 8.4, 10.3, newest" in refused(capsys, "frr", version).replace("'", "")


@pytest.mark.parametrize("word", ["r1", "r1=", "=10.3", "r1=9", "r1=installed"])
def test_up_wants_a_router_and_a_version_that_there_is(capsys, word):
    assert "not ROUTER=VERSION with a VERSION of 8.4, 10.3, newest" in refused(capsys, "up", "--frr", word)


def test_up_takes_a_version_for_each_router():
    options = commands._parser().parse_args(["up", "--frr", "r1=10.3", "--frr", "r2=newest"])
    assert dict(options.frr) == {"r1": "10.3", "r2": "newest"}
    assert commands._parser().parse_args(["up"]).frr == []


def test_reboot_where_no_lab_is_up_is_refused(tmp_path, capsys):
    assert commands.main(["--state", str(tmp_path / "none"), "reboot", "r1"]) == 1
    assert "no lab is up in" in capsys.readouterr().err


def test_the_state_remembers_how_the_lab_was_asked_for(tmp_path):
    state = State(tmp_path)
    record = Record(
        complete=True, digest="d", empty_frr=True, frr={"r1": "10.3"}, machines={"r1": Ran("::1", ("bgpd",))}
    )
    state.write(record)
    assert state.read() == record


def test_every_version_has_a_tree_of_its_own_but_the_installed():
    trees = [versions.tree(version) for version in versions.SUITES]
    assert len(set(trees)) == len(trees)
    assert versions.tree(versions.INSTALLED) is None


class TestMirror:
    """The Debian archive that packages come from."""

    @pytest.fixture
    def apt(self, monkeypatch):
        """What apt knows: URLs, each with whether a Release file says that it is Debian."""
        known: dict[str, bool] = {}

        def run(command):
            return "\n".join(url for url, debian in known.items() if debian or "Origin: Debian" not in command)

        monkeypatch.setattr(versions, "_run", run)
        return known

    def test_is_the_one_that_apt_uses(self, apt):
        apt |= {"http://packages.example/other/": False, "http://mirror.example/mirrored/": True}
        assert versions._mirror() == "http://mirror.example/mirrored/"

    def test_is_told_by_its_path_before_the_first_update(self, apt):
        apt |= {"http://packages.example/other/": False, "http://mirror.example/debian/": False}
        assert versions._mirror() == "http://mirror.example/debian/"

    def test_is_to_be_said_where_apt_has_none(self, apt):
        apt |= {"http://packages.example/ubuntu/": False}
        with pytest.raises(LabError, match="--mirror URL"):
            versions._mirror()
