"""Who manages which field, and the way back to a snapshot."""

from __future__ import annotations

import copy

from sixpeer.cilium import foreign_fields
from sixpeer.cilium.manifest import content
from sixpeer.cilium.ownership import towards

PEERS = {".": {}, 'k:{"name":"r1"}': {".": {}, "f:name": {}, "f:peerASN": {}}}


def entry(manager: str, fields: dict, **more: str) -> dict:
    return {"manager": manager, "operation": "Apply", "fieldsV1": fields, **more}


def live(version: str = "7", hold: int = 9, *managers: dict) -> dict:
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumBGPPeerConfig",
        "metadata": {"name": "x", "uid": "1", "resourceVersion": version, "managedFields": list(managers)},
        "spec": {"timers": {"holdTimeSeconds": hold}},
        "status": {"conditions": []},
    }


OURS = entry("sixpeer", {"f:spec": {"f:timers": {"f:holdTimeSeconds": {}}}})
STATUS = entry("cilium-operator", {"f:status": {"f:conditions": {}}}, subresource="status")


def test_what_is_gone_is_made_again_from_what_was_written():
    assert towards(live("7", 9, OURS), None) == content(live())


def test_what_was_changed_is_replaced_in_the_version_that_is_there():
    step = towards(live("7", 9, OURS), live("12", 30, OURS))
    assert step["spec"] == {"timers": {"holdTimeSeconds": 9}}
    assert step["metadata"] == {"name": "x", "resourceVersion": "12"}


def test_then_the_fields_go_back_to_who_managed_them_and_the_status_stays_with_its_controller():
    updated = entry("sixpeer", {"f:spec": {"f:timers": {"f:holdTimeSeconds": {}}}}, operation="Update")
    later = STATUS | {"time": "2026-01-01T00:00:00Z"}
    step = towards(live("7", 9, OURS, STATUS), live("13", 9, updated, later))
    assert step["metadata"]["managedFields"] == [OURS, later]
    assert step["spec"] == {"timers": {"holdTimeSeconds": 9}}


def test_what_is_as_it_was_is_left_alone():
    before = live("7", 9, OURS)
    assert towards(before, copy.deepcopy(before)) is None
    assert towards(before, live("99", 9, OURS, STATUS)) is None  # the operator wrote a status in between


def test_a_field_that_somebody_else_set_is_named_with_who_it_was():
    by_hand = {"f:metadata": {"f:labels": {"f:a": {}}}, "f:spec": {"f:ebgpMultihop": {}, "f:peers": PEERS}}
    found = foreign_fields(live("7", 9, OURS, entry("kubectl-edit", by_hand), STATUS))
    assert found == (
        "spec.ebgpMultihop: set by kubectl-edit",
        "spec.peers[r1].name: set by kubectl-edit",
        "spec.peers[r1].peerASN: set by kubectl-edit",
    )


def test_a_field_that_we_manage_too_is_not_foreign():
    assert foreign_fields(live("7", 9, OURS, entry("kubectl-edit", OURS["fieldsV1"]))) == ()
    assert foreign_fields(live("7", 9)) == ()
