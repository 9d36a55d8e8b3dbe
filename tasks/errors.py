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
        raise Unreachable(str(error).strip(), host=host.name, phase=phase) from error
    except (CommitPending, RouterBusy) as error:
        raise Locked(str(error), host=host.name, phase=phase) from error
    except CommitRefused as error:
        raise Refused(str(error), host=host.name, phase=phase) from error
    except NapalmException as error:
        raise DeviceError(str(error), host=host.name, phase=phase) from error


def failures(result: AggregatedResult) -> dict[str, BaseException]:
    """By host, what its task raised."""
    return {
        host: multi[0].exception or DeviceError("failed without saying why", host=host)
        for host, multi in result.items()
        if multi.failed
    }
