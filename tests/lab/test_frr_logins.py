"""A router's state folder is shared by its logins; a commit is that of the login that made it, and root's."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from frr_commits import CONFIG, OWNER, PREFIX_LIST, STATE, Router, is_back, load
from labs import Bare
from network import eventually

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import CommitPending, NothingPending
from custom_napalm.ssh import Completed
from lab.bare import BareRouter

pytestmark = [pytest.mark.lab, pytest.mark.matrix]


@dataclass(frozen=True)
class Console:
    """The router's console in the place of an ExecSession; `become` are the words by which it is somebody else's."""

    router: BareRouter
    become: tuple[str, ...]

    def run(self, command: str, *, stdin: bytes | str | None = None, timeout: float = 60) -> Completed:
        text = stdin.decode() if isinstance(stdin, bytes) else stdin or ""
        done = self.router.run(*self.become, "sh", "-c", command, check=False, stdin=text)
        return Completed(done.returncode, done.stdout, done.stderr)

    def is_alive(self) -> bool:
        return True


@pytest.fixture
def router(bare: Bare) -> Router:
    return Router(bare(CONFIG.format(here=1, there=2))[0])


def on_console(router: Router, *become: str) -> FRRDriver:
    driver = FRRDriver("r1", "", "", optional_args={"session": Console(router.bare, become), "owner": OWNER})
    driver.open()
    return driver


@pytest.fixture
def root(router: Router) -> FRRDriver:
    return on_console(router)


@pytest.fixture
def other(router: Router) -> FRRDriver:
    """A login besides ours, in the groups that ours is in."""
    groups = router.bare.run("getent", "group", "frr", "frrvty").stdout.split()
    numbers = ",".join(group.split(":")[2] for group in groups)
    return on_console(router, "setpriv", "--reuid=daemon", "--regid=daemon", f"--groups={numbers}")


def test_another_login_sees_what_is_pending_and_cannot_end_it(router: Router, other: FRRDriver) -> None:
    mine = router.driver()
    load(mine)
    mine.commit_config("mine", 60)
    pending = other.configuration.pending()
    assert (pending.login, pending.owner, pending.message, pending.phase) == ("netops", OWNER, "mine", "pending")
    for end in (other.confirm_commit, other.rollback):
        with pytest.raises(NothingPending, match=r"only its login or root can end it: .* by netops"):
            end()
    load(other, lambda running: running)
    with pytest.raises(CommitPending, match="by netops"):
        other.commit_config("no", 60)
    mine.rollback()
    load(other)
    other.commit_config("the other's", 60)
    assert mine.configuration.pending().login == "daemon"
    other.rollback()
    mine.close()


def test_root_ends_it_by_the_script_that_is_kept_with_it_and_its_login_goes_on(router: Router) -> None:
    running, mine = router.running, router.driver()
    load(mine)
    mine.commit_config("mine", 60)
    assert router.bare.run("sh", mine.configuration.pending().script, "revert").stdout.startswith("reverted ")
    assert router.running == running
    load(mine)
    mine.commit_config("again", 60)
    mine.confirm_commit()
    assert PREFIX_LIST in router.running
    mine.close()


def test_what_roots_attempt_left_does_not_keep_its_login_from_putting_it_back(router: Router) -> None:
    """Root's attempt fails, since a daemon hangs; it leaves files of root's."""
    running, mine = router.running, router.driver()
    load(mine)
    mine.commit_config("mine", 120)
    script = mine.configuration.pending().script
    router.bare.run("mount", "--bind", "/bin/false", "/usr/bin/vtysh")  # in this router's namespace
    try:
        assert router.bare.run("sh", script, "revert", check=False).returncode == 21
    finally:
        router.bare.run("umount", "/usr/bin/vtysh")
    mine.rollback()
    assert router.running == running
    mine.close()


def test_after_a_reboot_another_login_is_not_kept_from_committing(router: Router, other: FRRDriver) -> None:
    running, mine = router.running, router.driver()
    load(mine)
    mine.commit_config("mine", 60)
    router.bare.reboot()
    eventually(lambda: is_back(router, running), True)
    assert other.configuration.pending() is None
    load(other)
    other.commit_config("the other's")
    assert sorted(router.changes()) == ["confirmed", "rebooted"]


def test_a_state_folder_that_root_made_is_shared(router: Router, root: FRRDriver) -> None:
    router.bare.run("mount", "-t", "tmpfs", "none", "/var/lib/sixpeer/..")  # /var/lib is the router's own
    load(root)
    root.commit_config("root's", 60)
    assert router.bare.run("stat", "-c", "%G %a", STATE).stdout == "frrvty 2770\n"
    mine = router.driver()
    assert mine.configuration.pending().login == "root"
    root.confirm_commit()
    load(mine, lambda running: running.replace("seq 5", "seq 7"))
    mine.commit_config("mine")
    assert router.changes() == ["confirmed", "confirmed"]
    mine.close()
