"""The connection to a cluster, against an API server that answers what a test says."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

import httpx2
import pytest
from cilium_intents import shipped
from lightkube import Client, KubeConfig
from lightkube.config.models import Cluster, User

from sixpeer.cilium import Key, build
from sixpeer.errors import DeviceError, ExitCode, PlanError, SixpeerError, Unreachable, UsageError
from sixpeer.intent import Secret
from sixpeer.plugins.kubernetes import Kubernetes, KubernetesAPI

Answer = httpx2.Response | Exception
PASSWORD = Secret("lab-bgp-password", "Tr0ub4dor&3")
SECRET, PEER_CONFIG, *_ = build(shipped(), "lab", PASSWORD)
TIMEOUT = httpx2.ReadTimeout("timed out")


def status(code: int, message: str, **details) -> httpx2.Response:
    body = {"kind": "Status", "apiVersion": "v1", "code": code, "message": message, "status": "Failure"}
    return httpx2.Response(code, json=body | {"details": details})


def ok(manifest: dict, version: str = "7") -> httpx2.Response:
    return httpx2.Response(200, json=manifest | {"metadata": manifest["metadata"] | {"resourceVersion": version}})


def missing(key: Key) -> httpx2.Response:
    return status(404, f'"{key.name}" not found', name=key.name)


NO_SUCH_GROUP = httpx2.Response(404, text="404 page not found\n", headers={"Content-Type": "text/plain"})


@pytest.fixture
def answering() -> Iterator[Callable[..., tuple[KubernetesAPI, list[httpx2.Request]]]]:
    """`answering(a, b, …)`: an API server with these answers in turn, the last one for ever; and what it was asked."""
    opened = []

    def start(*answers: Answer) -> tuple[KubernetesAPI, list[httpx2.Request]]:
        left, asked = list(answers), []

        def answer(request: httpx2.Request) -> httpx2.Response:
            asked.append(request)
            this = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(this, Exception):
                raise this
            return httpx2.Response(this.status_code, content=this.content, headers=this.headers)

        config = KubeConfig.from_one(cluster=Cluster(server="https://[fd00:1ab::1]:6443"), user=User(token="t0ken"))  # noqa: S106
        client = Client(config.get(), transport=httpx2.MockTransport(answer), field_manager="sixpeer", trust_env=False)
        opened.append(KubernetesAPI(client, "lab"))
        return opened[-1], asked

    yield start
    for api in opened:
        api.close()


def refusal(verb: Callable[[], object], kind: type[SixpeerError]) -> str:
    with pytest.raises(kind) as caught:
        verb()
    assert type(caught.value) is kind
    assert caught.value.host == "lab"
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_a_server_is_reached_by_its_ipv6_address(answering):
    api, asked = answering(missing(PEER_CONFIG.key))
    assert api.get(PEER_CONFIG.key) is None
    assert str(asked[0].url) == "https://[fd00:1ab::1]:6443/apis/cilium.io/v2/ciliumbgppeerconfigs/sixpeer-lab"
    assert asked[0].headers["Authorization"] == "Bearer t0ken"


def test_apply_is_server_side_with_our_name_and_never_by_force(answering):
    api, asked = answering(ok(SECRET.manifest()))
    api.apply(SECRET)
    (request,) = asked
    assert (request.method, request.url.path) == (
        "PATCH",
        "/api/v1/namespaces/kube-system/secrets/sixpeer-lab-bgp-password",
    )
    assert request.headers["Content-Type"] == "application/apply-patch+yaml"
    assert dict(request.url.params) == {"fieldManager": "sixpeer"}
    assert base64.b64decode(json.loads(request.content)["data"]["password"]).decode() == PASSWORD.reveal()


def test_a_dry_run_says_so_to_the_server(answering):
    api, asked = answering(ok(PEER_CONFIG.manifest()))
    assert api.dry_run(PEER_CONFIG)["spec"] == PEER_CONFIG.manifest()["spec"]
    assert asked[0].url.params["dryRun"] == "All"
    assert "force" not in asked[0].url.params
    api.dry_run(PEER_CONFIG, take_over=True)
    assert asked[1].url.params["force"] == "true"


def test_a_read_that_times_out_is_tried_once_more(answering):
    api, asked = answering(TIMEOUT, ok(PEER_CONFIG.manifest()))
    assert api.get(PEER_CONFIG.key) is not None
    assert len(asked) == 2
    api, asked = answering(TIMEOUT)
    assert refusal(lambda: api.get(PEER_CONFIG.key), Unreachable) == (
        "lab: read CiliumBGPPeerConfig sixpeer-lab: no answer in time"
    )
    assert len(asked) == 2


@pytest.mark.parametrize("silence", [TIMEOUT, httpx2.ReadError("reset"), httpx2.RemoteProtocolError("closed")])
def test_an_apply_without_an_answer_is_looked_up_not_repeated(answering, silence):
    there, other = ok(PEER_CONFIG.manifest()), PEER_CONFIG.manifest()
    other["spec"]["timers"]["holdTimeSeconds"] = 90
    api, asked = answering(silence, there, there)
    api.apply(PEER_CONFIG)
    assert [request.url.params.get("dryRun") for request in asked] == [None, None, "All"]
    api, asked = answering(silence, ok(other), there)
    assert "not done when looked at again" in refusal(lambda: api.apply(PEER_CONFIG), Unreachable)


def test_a_deletion_without_an_answer_is_looked_up(answering):
    api, _ = answering(TIMEOUT, missing(PEER_CONFIG.key))
    api.delete(PEER_CONFIG.key)
    api, _ = answering(TIMEOUT, ok(PEER_CONFIG.manifest()))
    assert "delete CiliumBGPPeerConfig sixpeer-lab: no answer, and not done" in refusal(
        lambda: api.delete(PEER_CONFIG.key), Unreachable
    )


def test_a_restore_without_an_answer_is_looked_up(answering):
    before, changed = PEER_CONFIG.manifest(), PEER_CONFIG.manifest()
    changed["spec"]["timers"]["holdTimeSeconds"] = 90
    api, asked = answering(ok(changed), TIMEOUT, ok(before))
    api.restore(PEER_CONFIG.key, before)
    assert [request.method for request in asked] == ["GET", "PUT", "GET"]


def test_what_is_not_there_is_deleted_already(answering):
    for gone in (missing(PEER_CONFIG.key), NO_SUCH_GROUP):
        api, _ = answering(gone)
        api.delete(PEER_CONFIG.key)
        api.restore(PEER_CONFIG.key, None)


def test_a_kind_that_is_not_served_is_named_with_the_cilium_that_serves_it(answering):
    for absent in (NO_SUCH_GROUP, status(404, "the server could not find the requested resource")):
        api, _ = answering(absent)
        for verb in (lambda api=api: api.get(PEER_CONFIG.key), lambda api=api: api.dry_run(PEER_CONFIG)):
            message = refusal(verb, PlanError)
            assert message.startswith("lab: CiliumBGPPeerConfig is not served as cilium.io/v2: that takes Cilium 1.18")


def test_a_kind_that_is_not_served_has_no_objects_of_ours(answering):
    api, asked = answering(NO_SUCH_GROUP)
    assert api.owned("SIXPEER", "lab") == []
    assert {request.url.params["labelSelector"] for request in asked} == {
        "app.kubernetes.io/managed-by=sixpeer,sixpeer.dev/owner=sixpeer,sixpeer.dev/cluster=lab"
    }


def test_objects_are_listed_in_the_version_that_is_served(answering):
    listed = httpx2.Response(200, json={"items": [{"metadata": {"name": "x"}}], "metadata": {}})
    api, _ = answering(NO_SUCH_GROUP, NO_SUCH_GROUP, listed, NO_SUCH_GROUP)
    (found,) = api.owned("SIXPEER", "lab")
    assert found[0] == Key("cilium.io/v2alpha1", "CiliumBGPPeerConfig", "x")


def test_a_conflict_names_the_other_manager_and_the_field(answering):
    cause = {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "kubectl-edit" using cilium.io/v2',
        "field": ".spec.timers.holdTimeSeconds",
    }
    api, _ = answering(status(409, "Apply failed with 1 conflict", causes=[cause]))
    message = refusal(lambda: api.apply(PEER_CONFIG), PlanError)
    assert ".spec.timers.holdTimeSeconds" in message
    assert '"kubectl-edit"' in message


def test_what_may_not_be_done_is_said_by_verb_and_resource(answering):
    said = (
        'ciliumbgppeerconfigs.cilium.io "x" is forbidden: User "reader" cannot patch resource '
        '"ciliumbgppeerconfigs" in API group "cilium.io" at the cluster scope'
    )
    api, _ = answering(status(403, said))
    message = refusal(lambda: api.dry_run(PEER_CONFIG), DeviceError)
    assert 'reader may not patch ciliumbgppeerconfigs in API group "cilium.io" at the cluster scope' in message


def test_a_wrong_field_is_named_by_its_path(answering):
    causes = [
        {"reason": "FieldValueInvalid", "message": "should be greater than or equal to 3", "field": "spec.timers.hold"},
        {"reason": "FieldValueInvalid", "message": "some rules were not checked", "field": "<nil>"},
    ]
    api, _ = answering(status(422, "is invalid", causes=causes))
    message = refusal(lambda: api.dry_run(PEER_CONFIG), PlanError)
    assert message.endswith("refuses it: spec.timers.hold: should be greater than or equal to 3")


def test_an_unknown_field_is_permanent_though_it_comes_as_http_500(answering):
    said = (
        "failed to create typed patch object (/x; cilium.io/v2, Kind=Y): .spec.nonsense: field not declared in schema"
    )
    api, _ = answering(status(500, said))
    assert ".spec.nonsense: field not declared in schema" in refusal(lambda: api.dry_run(PEER_CONFIG), PlanError)


def test_a_secret_that_the_server_quotes_is_not_passed_on(answering):
    encoded = base64.b64encode(b"Tr0ub4dor&3").decode()
    for said in ("no: Tr0ub4dor&3", f'data[password]: Invalid value: "{encoded}"'):
        api, _ = answering(status(422, said))
        for verb in (lambda api=api: api.dry_run(SECRET), lambda api=api: api.apply(SECRET)):
            message = refusal(verb, PlanError)
            assert "Tr0ub4dor" not in message
            assert encoded not in message
            assert "<secret:lab-bgp-password>" in message
        api, _ = answering(missing(SECRET.key), status(422, said))
        message = refusal(lambda api=api: api.restore(SECRET.key, SECRET.manifest()), PlanError)
        assert "Tr0ub4dor" not in message
        assert encoded not in message


def test_no_connection_is_unreachable(answering):
    for lost in (httpx2.ConnectError("[Errno 113] No route to host"), httpx2.RemoteProtocolError("cut"), OSError("x")):
        api, _ = answering(lost)
        message = refusal(api.read_state, Unreachable)
        assert message.startswith("lab: list Node: ")


def test_an_answer_that_is_not_of_kubernetes_is_an_error_of_ours(answering):
    html = {"Content-Type": "text/html"}
    for strange in (
        httpx2.Response(200, text="<html>log in first</html>", headers=html),
        httpx2.Response(502, text="<html>bad gateway</html>", headers=html),
        httpx2.Response(502),
        httpx2.Response(500, text="no json", headers={"Content-Type": "application/json"}),
    ):
        api, _ = answering(strange)
        assert refusal(lambda api=api: api.get(PEER_CONFIG.key), DeviceError)


def test_a_restore_goes_on_when_the_operator_was_faster(answering):
    before = PEER_CONFIG.manifest() | {"metadata": PEER_CONFIG.manifest()["metadata"] | {"uid": "1"}}
    changed = PEER_CONFIG.manifest()
    changed["spec"]["timers"]["holdTimeSeconds"] = 90
    conflict = status(409, "the object has been modified", name="sixpeer-lab")
    api, asked = answering(ok(changed, "7"), conflict, ok(changed, "8"), ok(before, "9"), ok(before, "9"))
    api.restore(PEER_CONFIG.key, before)
    puts = [json.loads(request.content) for request in asked if request.method == "PUT"]
    assert [put["metadata"]["resourceVersion"] for put in puts] == ["7", "8"]
    assert all("uid" not in put["metadata"] for put in puts)
    assert puts[-1]["spec"] == before["spec"]


def test_a_restore_that_does_not_come_through_ends_and_says_so(answering):
    changed = PEER_CONFIG.manifest() | {"spec": {}}
    api, asked = answering(ok(changed))
    message = refusal(lambda: api.restore(PEER_CONFIG.key, PEER_CONFIG.manifest()), Unreachable)
    assert "restore CiliumBGPPeerConfig sixpeer-lab" in message
    assert len(asked) < 30


def kubeconfig(path, text: str) -> str:
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("users: [{name: a, user: {token: s3cr3t", "cannot be used"),
        ("[s3cr3t]", "cannot be used"),
        ("clusters: []\ncontexts: []\nusers: []\ncurrent-context: lab\n", "Context 'lab' not found"),
        (
            "clusters: [{name: a, cluster: {server: 3}}]\ncontexts: []\nusers: [{name: a, user: {token: s3cr3t}}]",
            "used",
        ),
    ],
)
def test_a_kubeconfig_that_is_no_good_is_a_usage_error_that_quotes_none_of_it(tmp_path, text, reason):
    plugin = Kubernetes()
    with pytest.raises(UsageError, match=reason) as caught:
        plugin.open("lab", None, None, None, None, {"kubeconfig": kubeconfig(tmp_path / "kubeconfig", text)})
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.exit_code == ExitCode.REFUSED


def test_a_kubeconfig_that_is_missing_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"lab: kubeconfig .*/absent: .* not found"):
        Kubernetes().open("lab", None, None, None, None, {"kubeconfig": str(tmp_path / "absent")})


def test_the_plugin_opens_the_context_that_is_asked_for_and_closes(tmp_path):
    path = kubeconfig(
        tmp_path / "kubeconfig",
        """
        current-context: other
        clusters: [{name: lab, cluster: {server: "https://[fd00:1ab::1]:6443", insecure-skip-tls-verify: true}}]
        users: [{name: admin, user: {token: t0ken}}]
        contexts: [{name: lab, context: {cluster: lab, user: admin}}]
        """,
    )
    plugin = Kubernetes()
    plugin.open("lab", None, None, None, None, {"kubeconfig": path, "context": "lab"})
    assert isinstance(plugin.connection, KubernetesAPI)
    assert "t0ken" not in repr(plugin.connection)
    plugin.close()
    plugin.close()
    with pytest.raises(DeviceError, match="not open"):
        plugin.connection  # noqa: B018
