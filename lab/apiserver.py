"""The API server: kube-apiserver with etcd inside, on one node, on its management address."""

from __future__ import annotations

import datetime
import ipaddress
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from netaddr import IPNetwork

from lab.kubernetes import Api
from lab.machine import Machine
from lab.namespaces import Inside

PORT = 6443
FOLDER = "/run/lab/apiserver"
SIGNS = x509.KeyUsage(False, False, False, False, False, True, False, False, False)  # certificates, nothing else


def prepare(folder: Path, machine: Machine, services: IPNetwork) -> Api:
    """Write keys, certificates and the administrator's token into the machine's folder. Returns that identity."""
    mine = folder / "apiserver"
    (mine / "etcd").mkdir(parents=True)
    mine.chmod(0o700)
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in ("localhost", "kubernetes.default.svc")]
    names += [x509.IPAddress(ipaddress.ip_address(str(address))) for address in (machine.management, services[1])]
    root = _certificate("lab CA", authority, "lab CA", authority, x509.BasicConstraints(True, 0), SIGNS)
    leaf = _certificate("kube-apiserver", key, "lab CA", authority, x509.SubjectAlternativeName(names))
    account = ec.generate_private_key(ec.SECP256R1())
    token = secrets.token_hex(16)
    for name, data in {
        "server.crt": leaf + root,
        "server.key": _private(key),
        "accounts.key": _private(account),
        "accounts.pub": account.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "tokens.csv": f'{token},admin,1,"system:masters"\n',
    }.items():
        (mine / name).write_text(data, encoding="utf-8")
    return Api(f"https://[{machine.management}]:{PORT}", root, token)


def start(inside: Inside, machine: Machine, services: IPNetwork) -> None:
    """Start it; it serves some seconds later."""
    inside.spawn(
        "apiserver.log",
        "/run/lab/bin/apiserver",
        f"--embedded-etcd-dir={FOLDER}/etcd",
        f"--bind-address={machine.management}",
        f"--advertise-address={machine.management}",
        f"--secure-port={PORT}",
        f"--tls-cert-file={FOLDER}/server.crt",
        f"--tls-private-key-file={FOLDER}/server.key",
        f"--token-auth-file={FOLDER}/tokens.csv",
        "--authorization-mode=RBAC",
        f"--service-cluster-ip-range={services}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={FOLDER}/accounts.pub",
        f"--service-account-signing-key-file={FOLDER}/accounts.key",
        "--endpoint-reconciler-type=none",
        # No controller manager: nothing would make the accounts, or take the taint of a new Node away.
        "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
        "--enable-priority-and-fairness=false",
        "--request-timeout=3s",  # SIGTERM waits that long for open watches
    )


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *extensions: x509.ExtensionType,
) -> str:
    """A certificate as Python 3.13 wants it, which is strict about RFC 5280."""
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=not isinstance(extension, x509.SubjectAlternativeName))
    return builder.sign(issuer_key, SHA256()).public_bytes(Encoding.PEM).decode()


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
