"""Other versions of FRR than the installed one: whole Debian trees, unpacked into the cache; a router runs on one.

Nothing is installed and no maintainer script is run: apt resolves, fetches and verifies with a state of its
own, dpkg-deb unpacks, and the little that the scripts would have done for a router is done here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import programs
from lab.errors import LabError
from lab.process import everything

INSTALLED = "installed"
SUITES = {"8.4": "bookworm", "10.3": "trixie", "newest": "sid"}
"""The versions of FRR, each with the suite of Debian that has it."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# `?essential`: what every Debian has. mawk and procps: Debian's awk and ps. tini: PID 1 of a machine.
PACKAGES = (
    *("?essential", "frr", "frr-pythontools", "openssh-server", "iproute2", "iputils-ping"),
    *("libpam-modules", "mawk", "mount", "procps", "tini"),
)
LEFT_OUT = ("./usr/share/doc/*", "./usr/share/man/*", "./usr/share/locale/*")
# A machine has its own of these, bound over the tree's (`lab.private`).
EMPTY = ("passwd", "group", "shadow", "hosts", "hostname", "resolv.conf")

Say = Callable[[str], None]


def tree(version: str) -> Path | None:
    """The root of the tree with this version, which may not be unpacked yet; None for the installed one."""
    return None if version == INSTALLED else programs.cache() / "frr" / SUITES[version]


def unpack(version: str, say: Say, *, refresh: bool = False, mirror: str | None = None) -> bool:
    """Fetch and unpack a version that is not there; with `refresh` again, as the archive has it today.

    Returns whether there was anything to do. Can be interrupted at any moment: a tree appears only when it
    is whole. `mirror`: URL of a Debian archive, by default the one that apt uses here. Raises LabError.
    """
    root = tree(version)
    if root is None or (root.exists() and not refresh):
        return False
    if os.geteuid() != 0:
        raise LabError("root's rights are needed, for files with owners: sudo")
    with programs.alone("frr"):
        if root.exists() and not refresh:  # somebody else was faster
            return False
        if root.exists() and in_use(root):
            raise LabError(f"a router runs on {root}: end its lab first")
        say(f"  FRR {version}: fetching Debian {root.name} (60 MB) into {root}")
        unfinished = root.parent / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        new = unfinished / "tree"
        new.mkdir(parents=True)
        packages = _fetch(root.name, mirror or _mirror(), unfinished / "apt")
        _prepare(new)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda package: _unpack(package, new), packages))
        _finish(new)
        if version[0].isdigit() and not number(new).startswith(version):
            raise LabError(f"Debian {root.name} has FRR {number(new)}, not {version}")
        if root.exists():
            root.rename(unfinished / "old")
        new.rename(root)
        shutil.rmtree(unfinished)
    return True


def number(root: Path | None) -> str:
    """The version of the FRR in a tree (None: of the installed one) in FRR's own words, such as 10.3."""
    words = ["/usr/lib/frr/bgpd", "--version"]
    said = _run(["chroot", str(root), *words] if root else words).split()
    return said[said.index("version") + 1]


def in_use(root: Path) -> bool:
    """Whether any process has this tree as its root."""
    for pid in everything():
        try:
            if Path(f"/proc/{pid}/root").samefile(root):
                return True
        except OSError:  # it has just ended
            continue
    return False


def _mirror() -> str:
    """The Debian archive that this machine's apt uses."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    for only in (("Origin: Debian", "Label: Debian"), ()):  # nothing has an origin before the first `apt-get update`
        for line in _run([*command, *only]).split():
            if only or line.endswith("/debian/"):
                return line
    raise LabError("apt has no Debian archive here: say which one to use, --mirror URL")


def _fetch(suite: str, mirror: str, folder: Path) -> list[Path]:
    """The packages, verified by Debian's signature."""
    if not KEYRING.exists():
        raise LabError(f"{KEYRING}, by which packages are verified, is not there: apt-get install {KEYRING.stem}")
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()  # nothing is installed
    (folder / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n", encoding="utf-8")
    settings = {
        "Dir::State": folder / "state",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::sourcelist": folder / "sources.list",
        **dict.fromkeys(("Dir::Etc::sourceparts", "Dir::Etc::preferences", "Dir::Etc::preferencesparts"), "/dev/null"),
        "APT::Sandbox::User": "root",  # the cache is below somebody's home
        "APT::Default-Release": "",
        "APT::Install-Recommends": "false",
        "APT::Get::AllowUnauthenticated": "false",
        "APT::Update::Error-Mode": "any",
        "Acquire::AllowInsecureRepositories": "false",
        "Acquire::Languages": "none",
    }
    apt = ["apt-get", "-qq", *(word for key, value in settings.items() for word in ("-o", f"{key}={value}"))]
    _run([*apt, "update"])
    _run([*apt, "install", "--yes", "--download-only", *PACKAGES])
    return sorted((folder / "cache" / "archives").glob("*.deb"))


def _prepare(root: Path) -> None:
    """What must be there before the packages: merged /usr."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")


def _unpack(package: Path, root: Path) -> None:
    left_out = [f"--exclude={pattern}" for pattern in LEFT_OUT]
    extract = ["tar", "--extract", "--directory", str(root), "--keep-directory-symlink", *left_out]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as opened:
        done = subprocess.run(extract, stdin=opened.stdout, capture_output=True, text=True, check=False)
    if opened.returncode or done.returncode:
        raise LabError(f"{package.name} cannot be unpacked: {done.stderr.strip()}")


def _finish(root: Path) -> None:
    """What the packages' scripts would have done for a router."""
    for name, target in {
        "usr/bin/sh": "dash",
        "usr/bin/awk": "mawk",
        "var/run": "/run",
        "var/lock": "/run/lock",
    }.items():
        link = root / name
        if link.is_dir() and not link.is_symlink():
            shutil.rmtree(link)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    for name in ("dev", "proc", "root", "run", "sys", "tmp", "var/tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in EMPTY:
        (root / "etc" / name).touch()
    (root / "etc/nsswitch.conf").write_text(
        "passwd: files\ngroup: files\nshadow: files\nhosts: files\n", encoding="utf-8"
    )
    # vtysh asks PAM: its packages ask a human what to write here.
    permit = "".join(f"{kind} sufficient pam_permit.so\n" for kind in ("auth", "account", "password", "session"))
    (root / "etc/pam.d/other").write_text(permit, encoding="utf-8")
    # Leaves what it imports compiled: else each run, of a login that may not write here, would compile it anew.
    _run(["env", "PYTHONDONTWRITEBYTECODE=", "chroot", str(root), "/usr/lib/frr/frr-reload.py", "--help"])


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise LabError(f"{command[0]} is not here: other versions of FRR are taken from Debian, by apt") from None
    if done.returncode != 0:
        raise LabError(f"{' '.join([*command[:1], *command[-3:]])} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout
