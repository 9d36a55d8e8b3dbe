"""A change that loading the old configuration would not take back is refused, unless it is said to be meant."""

from __future__ import annotations

import pytest
from network import command, dump

pytestmark = pytest.mark.lab

PASSWORD = "  password: {file: .lab/bgp-password}\n"  # noqa: S105 (where it is)


@pytest.fixture
def without_password(lab):
    """A deployed network whose description has lost the password of its sessions."""
    command(lab, "deploy", "--yes", code=0)
    file = lab.folder / "inventory/clusters/lab.yaml"
    described = file.read_text()
    assert PASSWORD in described
    file.write_text(described.replace(PASSWORD, ""))
    yield lab
    file.write_text(described)


def test_the_password_of_a_listen_range_is_not_taken_away_unless_it_is_said(without_password):
    was = dump(without_password)
    refused = command(without_password, "deploy", "--yes", code=2)
    assert "r1: cannot be taken back: listen range 2001:db8:0:1::/64 loses its password" in refused.stdout
    assert "--allow-irreversible does it all the same" in refused.stdout
    assert "cannot be taken back" in command(without_password, "drift", code=1).stdout
    planned = command(without_password, "plan", "--allow-irreversible", code=0).stdout
    assert "impact: cannot be taken back: listen range 2001:db8:0:1::/64 loses its password" in planned
    assert "impact: sessions with 2001:db8::a, dynamic neighbours of 2001:db8:0:1::/64 will reset: password" in planned
    assert dump(without_password) == was
