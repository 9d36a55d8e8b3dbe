"""What commit_confirm.sh takes for the same configuration, and for whose (`fake_frr`)."""

from __future__ import annotations

import subprocess

import pytest
from commit_script import CHANGED, commit, connect
from fake_frr import RELOAD, RUNNING, VTYSH, FakeRouter
from napalm.base.exceptions import ReplaceConfigException

from custom_napalm.frr import FRRDriver
from custom_napalm.frr.commit import (
    CommitPending,
    ForeignChange,
    NothingPending,
    PutBack,
)

SWAPPED = {
    "bfd": "bfd\n peer eth1\n  receive-interval {}\n exit\n peer eth2\n  receive-interval {}\n exit\nexit\n",
    "keys": "key chain K\n key 1\n  key-string {}\n exit\n key 2\n  key-string {}\n exit\nexit\n",
}


@pytest.mark.parametrize("block", SWAPPED)
def test_lines_of_two_blocks_that_are_swapped_are_no_more_the_same(
    router: FakeRouter, driver: FRRDriver, block: str
) -> None:
    one, other = (RUNNING.replace("router bgp", SWAPPED[block].format(*it) + "router bgp", 1) for it in ("12", "21"))
    router.running = one
    commit(driver, other)
    router.running = one
    with pytest.raises(ForeignChange):
        driver.confirm_commit()
    router.running = other
    driver.rollback()
    assert [line for line in router.running.splitlines() if line.strip() != "!"] == [
        line for line in one.splitlines() if line.strip() != "!"
    ]


def test_the_same_in_another_order_is_the_same(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver)
    lists = "ipv6 prefix-list HAND seq 5 permit 2001:db8::/32\n!\n"
    router.running = router.running.replace(lists, "").replace("router bgp", f"{lists}router bgp")
    assert router.running.index("HAND") < router.running.index("router bgp")
    driver.confirm_commit()


def test_a_password_of_ldp_is_not_taken_for_one_of_bgp(router: FakeRouter, driver: FRRDriver) -> None:
    ldp = "mpls ldp\n neighbor 2001:db8::9 password of-ldp\nexit\n!\n"
    router.running = RUNNING.replace("end\n", f"{ldp}end\n")
    commit(driver, RUNNING)
    assert "no neighbor 2001:db8::9 password" not in router.argv


def test_a_blank_at_the_end_of_a_line_is_no_change(router: FakeRouter, driver: FRRDriver) -> None:
    router.running = RUNNING.replace("hand made", "hand made ")
    commit(driver)
    assert "by us" in router.running


def test_what_is_not_utf_8_is_said_and_not_committed_over(router: FakeRouter, driver: FRRDriver) -> None:
    (router.folder / "running").write_bytes(RUNNING.replace("hand made", "für uns").encode("latin-1"))
    with pytest.raises(ReplaceConfigException, match=r"not UTF-8: neighbor 2001:db8::9 description f"):
        commit(driver)


def test_who_was_refused_has_nothing_to_roll_back(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver)
    other = connect(router)
    with pytest.raises(CommitPending):
        commit(other, RUNNING.replace("hand made", "others"))
    for end in (other.rollback, other.confirm_commit):
        with pytest.raises(NothingPending, match="this session's commit was refused"):
            end()
    assert driver.has_pending_commit()
    with pytest.raises(CommitPending):
        commit(driver, RUNNING.replace("hand made", "too soon"))
    driver.confirm_commit()  # its first is its own all the same
    assert "by us" in router.startup


def test_a_configuration_that_cannot_be_read_back_is_put_back_and_said(router: FakeRouter, driver: FRRDriver) -> None:
    driver.get_config("running")
    driver.load_replace_candidate(config=CHANGED)
    router.replace("frr-reload.py", RELOAD + '[ -e "$FAKE/did" ] || touch "$FAKE/fails-once" "$FAKE/did"')
    router.replace("vtysh", '[ ! -e "$FAKE/fails-once" ] || { rm "$FAKE/fails-once"; exit 1; }\n' + VTYSH)
    with pytest.raises(PutBack, match="what it runs now cannot be read"):
        driver.commit_config("", 60)
    assert "hand made" in router.running


def test_the_kept_script_knows_the_folder_that_it_is_in(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver)
    pending = driver.configuration.pending()
    assert pending is not None
    done = subprocess.run(["sh", pending.script, "revert"], env=router.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"reverted {pending.id}\n")
    assert "hand made" in router.running


def test_the_script_of_an_old_change_leaves_the_one_that_is_pending_alone(
    router: FakeRouter, driver: FRRDriver
) -> None:
    commit(driver)
    old = driver.configuration.pending()
    assert old is not None
    driver.rollback()
    commit(driver)
    for verb, status, said in (
        ("revert", 0, "it was put back"),
        ("confirm", 30, "nothing to confirm: it was put back"),
    ):
        done = subprocess.run(["sh", old.script, verb], env=router.env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout[: len(said)]) == (status, said)
    assert driver.has_pending_commit()
    assert "by us" in router.running


def test_the_script_explains_itself(router: FakeRouter, driver: FRRDriver) -> None:
    commit(driver)
    (change,) = router.changes()
    script = str(change / "commit_confirm.sh")
    done = subprocess.run(["sh", script, "--help"], env=router.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "sh commit_confirm.sh revert  [ID]    put back now" in done.stdout
