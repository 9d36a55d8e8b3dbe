"""The accounts of a machine: the system's own, and one login. The host's people are not on the machines."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

from lab.private import private_file, private_subfolder

LOGIN_ID = 2000  # uid and gid of the login
FIRST_OF_PEOPLE, NOBODY = 1000, 65534  # Debian policy, section 9.2.2


def prepare_accounts(folder: Path, login: str, groups: tuple[str, ...]) -> None:
    """Write /etc/passwd, group and shadow with `login`, a further member of `groups`, and its home."""
    home = f"/var/tmp/{login}"  # noqa: S108 - the machine's own
    os.chown(private_subfolder(folder, home), LOGIN_ID, LOGIN_ID)
    users = [":".join(map(str, user)) for user in pwd.getpwall() if _of_the_system(user.pw_uid)]
    users.append(f"{login}:x:{LOGIN_ID}:{LOGIN_ID}::{home}:/bin/bash")
    shadows = [f"{user.partition(':')[0]}:*:19000:0:99999:7:::" for user in users]  # no password opens any
    lines = [_group(group, login, groups) for group in grp.getgrall() if _of_the_system(group.gr_gid)]
    lines.append(f"{login}:x:{LOGIN_ID}:")
    private_file(folder, "/etc/passwd", _text(users))
    private_file(folder, "/etc/group", _text(lines))
    private_file(folder, "/etc/shadow", _text(shadows), 0o640, "root", "shadow")  # PAM reads it as group shadow


def _of_the_system(number: int) -> bool:
    return number < FIRST_OF_PEOPLE or number == NOBODY


def _group(group: grp.struct_group, login: str, groups: tuple[str, ...]) -> str:
    members = [*group.gr_mem, *([login] if group.gr_name in groups else [])]
    return f"{group.gr_name}:x:{group.gr_gid}:{','.join(members)}"


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
