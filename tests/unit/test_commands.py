"""The commands without any host: options, files that are not there, inventories that are not valid."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from runbooks import deploy, plan, render

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    """The shipped config.yaml and inventory, to be spoiled; without a lab."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    shutil.copytree(ROOT / "inventory", tmp_path / "inventory")
    return tmp_path


def run(command, folder, *options):
    return command.main(["--config", str(folder / "config.yaml"), *options])


def test_a_folder_without_a_configuration_is_said(tmp_path, capsys):
    assert run(deploy, tmp_path) == 2
    assert "name it with --config" in capsys.readouterr().out


def test_an_inventory_that_is_not_valid_is_2_with_all_problems(folder, capsys):
    cluster = folder / "inventory/clusters/lab.yaml"
    cluster.write_text(cluster.read_text().replace("asn: 64513", "asn: 0").replace("nat64:", "nat46:"))
    assert run(plan, folder) == 2
    shown = capsys.readouterr().out
    assert "lab.yaml:38: bgp.asn: is 0; it should be greater than" in shown
    assert "nat46: is not known here" in shown


def test_an_owner_is_required(folder, capsys):
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("owner: SIXPEER", "{}"))
    assert run(plan, folder) == 2
    assert "config.yaml: user_defined.owner: '' is no owner" in capsys.readouterr().out


def test_hosts_that_are_not_there_cannot_be_limited_to(folder, capsys):
    assert run(plan, folder, "--limit", "r1,r9") == 2
    assert "no host r9; there are lab, r1, r2" in capsys.readouterr().out


def test_a_filter_that_leaves_nobody_is_said(folder, capsys):
    assert run(plan, folder, "--filter", "site=ams") == 2
    assert "no router is left" in capsys.readouterr().out


def test_a_secret_that_cannot_be_had_is_2(folder, capsys):
    assert run(plan, folder) == 2
    assert "the secret lab-bgp-password cannot be had from file .lab/bgp-password" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options",
    [["--timeout", "0"], ["--limit", ""], ["--limit", ","], ["--filter", "x"], ["--format", "csv"], ["--unknown"]],
)
def test_wrong_usage_is_2(folder, options):
    with pytest.raises(SystemExit) as ended:
        run(plan, folder, *options)
    assert ended.value.code == 2


def test_a_report_that_could_not_be_written_is_said_before_anything_is_done(folder, capsys):
    assert run(render, folder, "--output", str(folder / "missing/out.json")) == 2
    assert "--output" in capsys.readouterr().out


def test_a_configuration_that_nornir_does_not_take_is_2(folder, capsys):
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("plugin: deadline", "plugin: dedline"))
    assert run(render, folder) == 2
    assert "Nornir does not take it" in capsys.readouterr().out


def test_rendering_needs_no_host_and_no_secret(folder, capsys, golden):
    assert run(render, folder, "--format", "json") == 0
    changes = {change["host"]: change["lines"] for change in json.loads(capsys.readouterr().out)["changes"]}
    assert set(changes) == {"r1", "r2", "lab"}
    golden("frr/r1-greenfield.conf", "\n".join(changes["r1"]) + "\n")


def test_a_report_goes_to_a_file(folder, tmp_path, capsys):
    assert run(render, folder, "--output", str(tmp_path / "out.txt")) == 0
    assert "router bgp 64512" in (tmp_path / "out.txt").read_text()
    assert capsys.readouterr().out == ""
