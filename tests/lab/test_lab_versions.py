"""Other versions of FRR in the lab: fetched and verified, never half there, and the whole network on each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from labs import CHECKOUT, VERSIONS, brought_up
from network import command, eventually, running

from lab import versions
from lab.bare import RouterSpec
from lab.errors import LabError
from lab.versions import INSTALLED, SUITES, tree

pytestmark = [pytest.mark.lab, pytest.mark.matrix]
OTHERS = [version for version in VERSIONS if version != INSTALLED]
fetches = pytest.mark.skipif(not OTHERS, reason="fetches a version of FRR: make test-matrix")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own, still empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "sixpeer" / "frr"


@pytest.fixture(scope="module")
def mixed(frr_version):
    """The reference network, whose r1 runs this version; r2 has the installed one."""
    options = () if frr_version == INSTALLED else ("--frr", f"r1={frr_version}")
    yield from brought_up(f"frr-{frr_version}", *options)


def frr(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lab", "frr", *words], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )


def test_an_archive_that_debian_has_not_signed_is_refused(cache, tmp_path):
    archive = tmp_path / "archive" / "dists" / "trixie"
    archive.mkdir(parents=True)
    (archive / "Release").write_text("Origin: Debian\nCodename: trixie\nComponents: main\n")
    done = frr("10.3", "--mirror", archive.parents[1].as_uri())
    assert done.returncode == 1
    assert "is not signed" in done.stderr
    assert not (cache / "trixie").exists()


@fetches
def test_a_killed_set_up_leaves_no_tree_and_the_next_one_completes_it(cache):
    unfinished = cache / "unfinished" / "tree" / "usr" / "bin" / "vtysh"
    process = subprocess.Popen([sys.executable, "-m", "lab", "frr", "10.3"], cwd=CHECKOUT, start_new_session=True)
    eventually(unfinished.exists, seconds=120)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (cache / "trixie").exists()

    assert "lab: FRR 10.3 is 10.3" in frr("10.3").stdout
    assert [path.name for path in cache.iterdir()] == ["trixie"]
    was = (cache / "trixie").stat().st_ino

    assert "fetching" not in frr("10.3").stdout
    assert (cache / "trixie").stat().st_ino == was

    assert "fetching" in frr("10.3", "--refresh").stdout
    assert (cache / "trixie").stat().st_ino != was
    assert [path.name for path in cache.iterdir()] == ["trixie"]


@fetches
def test_a_version_that_a_router_runs_on_is_not_refreshed(bare):
    bare(routers={"r1": RouterSpec(version=OTHERS[0])})
    root = tree(OTHERS[0])
    assert root
    was = root.stat().st_ino
    with pytest.raises(LabError, match="a router runs on"):
        versions.unpack(OTHERS[0], print, refresh=True)
    assert root.stat().st_ino == was


class TestTheWholeNetwork:
    def test_status_says_the_version(self, mixed, frr_version):
        (shown,) = (line for line in mixed("status").stdout.splitlines() if line.startswith("  r1 "))
        assert (f"(FRR {frr_version})" in shown) == (frr_version != INSTALLED)
        assert "FRR" not in next(line for line in mixed("status").stdout.splitlines() if line.startswith("  r2 "))
        number = versions.number(tree(frr_version))
        assert f"FRRouting {number} (r1)" in mixed.ssh("r1", "vtysh -c 'show version'").stdout

    def test_another_version_is_refused_while_the_lab_is_up(self, mixed, frr_version):
        other = next(version for version in SUITES if version != frr_version)
        done = mixed("up", "--frr", f"r1={other}", check=False)
        assert done.returncode == 1
        assert "other versions of FRR" in done.stderr

    def test_a_machine_that_is_no_router_has_no_version(self, mixed):
        done = mixed("up", "--frr", "worker1=10.3", check=False)
        assert done.returncode == 1
        assert "no router: worker1" in done.stderr

    def test_deploy_works_and_lasts_over_a_reboot(self, mixed):
        command(mixed, "deploy", "--yes", code=0)
        configured, boot_id = running(mixed, "r1"), boot(mixed, "r1")
        other = boot(mixed, "r2")

        assert "r1 is up again after" in mixed("reboot", "r1").stdout
        assert running(mixed, "r1") == configured
        assert boot(mixed, "r1") not in (boot_id, other)
        assert boot(mixed, "r2") == other
        assert mixed("status").returncode == 0
        command(mixed, "verify", "--timeout", "120", code=0)

    def test_a_node_is_not_rebooted(self, mixed):
        done = mixed("reboot", "worker1", check=False)
        assert done.returncode == 1
        assert "there is no router worker1; there are isp, r1, r2" in done.stderr


def boot(lab, router) -> str:
    return lab.run(router, "cat", "/proc/sys/kernel/random/boot_id").stdout
