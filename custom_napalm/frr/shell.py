"""What goes to the router's shell: several commands, or a script with its files, in one round trip.

Everything goes by the standard input of `sh -s`: a command line can be read in the process list.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Mapping, Sequence

from custom_napalm.ssh import Completed, ExecSession


def batch(session: ExecSession, commands: Sequence[str], timeout: float) -> list[Completed]:
    """Run shell commands one after the other; how each ended, and what it said."""
    mark = f"-- {secrets.token_hex(12)}"
    ends = f"{{ status=$?; printf '\\n{mark} %d\\n' $status; printf '\\n{mark}\\n' >&2; }}"
    done = session.run("sh -s", stdin="".join(f"{{\n{c}\n}} </dev/null\n{ends}\n" for c in commands), timeout=timeout)
    results = []
    stdout, stderr = done.stdout, done.stderr
    for _ in commands:
        output, found, stdout = stdout.partition(f"\n{mark} ")
        errors, _, stderr = stderr.partition(f"\n{mark}\n")
        status, _, stdout = stdout.partition("\n")
        results.append(Completed(int(status) if found else done.status or -1, output, errors))
    return results


def vtysh(command: str) -> str:
    """The shell command that runs a command of FRR's."""
    return f"vtysh -c {shlex.quote(command)}"


def with_files(files: Mapping[str, str], run: str, *, parent: str = "") -> str:
    """A program for `sh -s` that writes files into a folder of nobody else's, runs `run` there, and removes it.

    The folder is `$W`; it is made in `parent` if that can be, else where temporary files go. A program that
    arrives in part only does nothing. It ends with 13 if there is no room for the files.
    """
    mark = f"END-{secrets.token_hex(12)}"
    there = f"mktemp -d {shlex.quote(parent)}/incoming.XXXXXX 2>/dev/null || " if parent else ""
    lines = ["{", "umask 077", f"W=$({there}mktemp -d) || exit 13", "trap 'rm -rf \"$W\"' EXIT"]
    for name, text in files.items():
        newline = "" if text.endswith("\n") or not text else "\n"
        lines.append(f"cat >\"$W/{name}\" <<'{mark}' || exit 13\n{text}{newline}{mark}")
    lines += [f"{run} </dev/null", "exit", "}", ""]
    return "\n".join(lines)
