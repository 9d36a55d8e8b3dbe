"""What NAPALM, netmiko and Nornir raise, as errors that know their host, phase and exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from napalm.base.exceptions import ConnectionException, NapalmException
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException
from nornir.core.exceptions import NornirSubTaskError
from nornir.core.inventory import Host
from nornir.core.task import AggregatedResult

from custom_napalm.frr.commit import CommitPending, CommitRefused, RouterBusy
from sixpeer.errors import DeviceError, Locked, Refused, SixpeerError, Unreachable


@contextmanager
def errors_of(host: Host, phase: str) -> Iterator[None]:
    """Translate, once, whatever goes wrong with a host in a phase."""
    try:
        yield
    except SixpeerError as error:
        error.host, error.phase = error.host or host.name, error.phase or phase
        raise
    except NornirSubTaskError as error:
        raise DeviceError(str(error.result.exception), host=host.name, phase=phase) from error
    except (ConnectionException, NetmikoTimeoutException, NetmikoAuthenticationException, OSError) as error:
        raise Unreachable(_said(error, host), host=host.name, phase=phase) from error
    except (CommitPending, RouterBusy) as error:
        raise Locked(_said(error, host), host=host.name, phase=phase) from error
    except CommitRefused as error:
        raise Refused(_said(error, host), host=host.name, phase=phase) from error
    except NapalmException as error:
        raise DeviceError(_said(error, host), host=host.name, phase=phase) from error


def _said(error: Exception, host: Host) -> str:
    """The message without the host's name in front: it is said once, by whoever shows it."""
    message = str(error).strip()
    while message.startswith(f"{host.name}: "):
        message = message.removeprefix(f"{host.name}: ")
    return message


def failures(result: AggregatedResult) -> dict[str, BaseException]:
    """By host, what its task raised."""
    return {
        host: multi[0].exception or DeviceError("failed without saying why", host=host)
        for host, multi in result.items()
        if multi.failed
    }
