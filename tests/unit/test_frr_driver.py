"""The driver's reading side, and how NAPALM finds it."""

from __future__ import annotations

from pathlib import Path

import pytest
from commit_script import commit
from fake_frr import RUNNING, FakeRouter
from napalm import get_network_driver
from napalm.base.exceptions import CommandErrorException, ConnectionClosedException, ReplaceConfigException

from custom_napalm.frr import FRRDriver
from custom_napalm.ssh import CommandTimeout

COMMIT = RUNNING.replace("hand made", "by us")


@pytest.mark.parametrize("name", ["frr", "FRR", "custom_napalm.frr"])
def test_napalm_finds_the_driver(name: str) -> None:
    assert get_network_driver(name) is FRRDriver


def test_a_session_that_is_lent_is_used_and_left_open(driver: FRRDriver) -> None:
    assert driver.is_alive() == {"is_alive": True}
    driver.close()
    assert driver.is_alive() == {"is_alive": False}
    with pytest.raises(ConnectionClosedException):
        driver.cli(["show version"])


def test_an_owner_is_a_name_of_a_file() -> None:
    with pytest.raises(ValueError, match="owner"):
        FRRDriver("r1", "", "", optional_args={"owner": "../x"})


def test_configurations_are_without_what_vtysh_says_around_them(router: FakeRouter, driver: FRRDriver) -> None:
    config = driver.get_config()
    assert config == {"running": RUNNING, "startup": router.startup, "candidate": ""}


def test_sanitized_configurations_show_no_password(router: FakeRouter, driver: FRRDriver) -> None:
    router.running = RUNNING.replace(" bgp router-id", " neighbor G password s3cret\n bgp router-id")
    assert " neighbor G password <secret>\n" in driver.get_config(sanitized=True)["running"]


def test_what_cannot_be_meant_is_said(driver: FRRDriver) -> None:
    with pytest.raises(ValueError, match="'runing' is none of running, startup, candidate and all"):
        driver.get_config("runing")
    with pytest.raises(TypeError, match="'show version' is one command"):
        driver.cli("show version")  # type: ignore[arg-type]


def test_what_vtysh_warns_of_is_not_configuration(router: FakeRouter, driver: FRRDriver) -> None:
    driver.get_config("running")
    router.will("warns")
    assert driver.get_config()["running"] == RUNNING
    driver.load_replace_candidate(config=COMMIT)
    driver.commit_config()
    assert "by us" in router.startup


def test_an_empty_candidate_is_refused(driver: FRRDriver) -> None:
    with pytest.raises(ReplaceConfigException, match="empty"):
        driver.load_replace_candidate(config="\n")


def test_all_commands_are_asked_in_one_round_trip(router: FakeRouter, driver: FRRDriver) -> None:
    outputs = driver.cli(["show version", "show running-config no-header"])
    assert list(outputs) == ["show version", "show running-config no-header"]
    assert outputs["show version"].startswith("FRRouting")
    assert len(router.programs) == 1


def test_a_command_that_fails_is_named_with_what_frr_says(driver: FRRDriver) -> None:
    with pytest.raises(CommandErrorException, match=r"'show bogus': % Unknown command: show bogus"):
        driver.cli(["show version", "show bogus"])


def test_a_command_is_one_word_to_the_shell(router: FakeRouter, driver: FRRDriver) -> None:
    with pytest.raises(CommandErrorException):
        driver.cli(["show '; touch pwned; '"])
    assert "vtysh -c show '; touch pwned; '" in router.argv


def test_the_delta_is_asked_of_frr_and_shown_in_its_terms(router: FakeRouter, driver: FRRDriver) -> None:
    driver.load_replace_candidate(config=COMMIT)
    assert driver.compare_config() == ""
    router.will("delta", "\nLines To Add\n============\nrouter bgp 64512\n neighbor 2001:db8::9 description by us\n")
    assert driver.compare_config() == "router bgp 64512\n+  neighbor 2001:db8::9 description by us"
    assert router.running == RUNNING


def test_a_candidate_comes_from_a_file_too(driver: FRRDriver, tmp_path: Path) -> None:
    file = tmp_path / "candidate.conf"
    file.write_text(COMMIT, encoding="utf-8")
    driver.load_replace_candidate(filename=str(file))
    assert "by us" in driver.get_config("candidate")["candidate"]


def test_a_merge_candidate_is_running_with_the_lines_after_it(driver: FRRDriver) -> None:
    driver.load_merge_candidate(config="router bgp 64512\n neighbor 2001:db8::9 passive\n")
    candidate = driver.get_config("candidate")["candidate"]
    assert candidate == RUNNING.replace("end\n", "") + "router bgp 64512\n neighbor 2001:db8::9 passive\n"


def test_templates_are_the_drivers_own_or_of_a_folder_frr(driver: FRRDriver, tmp_path: Path) -> None:
    driver.load_template("set_hostname", hostname="edge")
    assert "\nhostname edge\n" in driver.get_config("candidate")["candidate"]
    (tmp_path / "frr" / "templates").mkdir(parents=True)
    (tmp_path / "frr" / "templates" / "described.j2").write_text("log syslog {{ level }}\n", encoding="utf-8")
    driver.load_template("described", template_path=str(tmp_path), level="errors")
    assert driver.get_config("candidate")["candidate"].endswith("\nlog syslog errors\n")


def test_defaults_that_frr_does_not_show_are_no_difference(driver: FRRDriver) -> None:
    with_defaults = RUNNING.replace(" bgp router-id", " timers bgp 60 180\n bgp router-id")
    driver.load_replace_candidate(config=with_defaults)
    assert driver.get_config("candidate")["candidate"] == RUNNING.replace("end\n", "")
    driver.load_replace_candidate(config=with_defaults.replace("60 180", "3 9"))
    assert " timers bgp 3 9\n" in driver.get_config("candidate")["candidate"]


def test_all_that_a_plan_needs_is_read_in_one_round_trip(router: FakeRouter, driver: FRRDriver) -> None:
    driver.load_replace_candidate(config=COMMIT)
    driver.configuration.load_record('{"keyed": []}')
    driver.commit_config()
    commit(driver, RUNNING)
    router.programs.clear()
    look = driver.configuration.look("show version")
    assert len(router.programs) == 1
    assert (look.running, look.startup, look.record) == (router.running, router.startup, '{"keyed": []}\n')
    assert look.outputs == {"show version": "FRRouting 8.4.4 (r1) on Linux(6.1).\n"}
    assert look.pending == driver.configuration.pending()
    assert look.pending is not None
    driver.rollback()
    assert driver.configuration.look().pending is None


def test_what_cannot_be_read_is_said_with_what_mends_it(router: FakeRouter, driver: FRRDriver) -> None:
    router.startup_file.unlink()
    with pytest.raises(CommandErrorException, match=r"(?s)frr\.conf.*service integrated-vtysh-config"):
        driver.configuration.look()


def test_a_lost_connection_is_napalms_exception(driver: FRRDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        raise CommandTimeout("no answer within 60 s to: sh -s")

    monkeypatch.setattr(driver.connection.session, "run", late)
    with pytest.raises(Exception, match="no answer") as error:
        driver.get_config()
    assert type(error.value).__name__ == "CommandTimeoutException"
