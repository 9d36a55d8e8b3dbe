"""Secrets: a reference in the description, resolved last, held in a type that does not print."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from pydantic import model_validator

from sixpeer.errors import UsageError
from sixpeer.intent.values import Model


class Secret:
    """A value that no log, traceback or report shows. Compare it, or `reveal` it at the last moment."""

    __slots__ = ("_value", "name")

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self._value = value

    def reveal(self) -> str:
        return self._value

    @property
    def placeholder(self) -> str:
        """What stands in for the value wherever somebody may look."""
        return f"<secret:{self.name}>"

    def redact(self, text: str) -> str:
        """`text` with every occurrence of the value replaced by the placeholder."""
        return text.replace(self._value, self.placeholder) if self._value else text

    def __repr__(self) -> str:
        return self.placeholder

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError(f"{self.placeholder} is not to be stored")


class SecretReference(Model):
    """Where a secret is to be had: an environment variable, a file, or a command's output.

    Exactly one of the three. A file's path is relative to config.yaml. A command (sops, pass, …)
    is a list of words, not a shell line. A final newline is not part of the secret.
    """

    env: str | None = None
    file: str | None = None
    command: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretReference:
        if sum(source is not None for source in (self.env, self.file, self.command)) != 1:
            raise ValueError("give exactly one of env, file, command")
        return self

    def resolve(self, name: str, folder: Path) -> Secret:
        """The secret itself. Raises UsageError, which names the source, if it cannot be had."""
        value = self._read(name, folder).rstrip("\r\n")
        if not value:
            raise UsageError(f"the secret {name} is empty ({self._source})")
        return Secret(name, value)

    @property
    def _source(self) -> str:
        if self.env is not None:
            return f"environment variable {self.env}"
        if self.file is not None:
            return f"file {self.file}"
        assert self.command is not None
        return f"command {self.command[0]}"

    def _read(self, name: str, folder: Path) -> str:
        try:
            if self.env is not None:
                return os.environ[self.env]
            if self.file is not None:
                return (folder / self.file).read_text(encoding="utf-8")
            assert self.command is not None
            done = subprocess.run(self.command, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
            return done.stdout
        except KeyError:
            reason = "it is not set"
        except subprocess.CalledProcessError as error:
            reason = f"it ended with {error.returncode}"
        except subprocess.TimeoutExpired:
            reason = "it took more than 60 s"
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"the secret {name} cannot be had from {self._source}: {reason}")
