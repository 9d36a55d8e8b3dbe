"""ping: iputils' on the router."""

from __future__ import annotations

import re
from typing import Any


def words(destination: str, *, source: str, ttl: int, timeout: int, size: int, count: int, device: str) -> list[str]:
    """The command line of iputils' ping. A VRF is a device to ping from, as is an interface."""
    family = "-4" if re.fullmatch(r"[\d.]+", destination) else "-6"
    command = ["ping", family, "-n", "-c", str(count), "-W", str(timeout), "-s", str(size), "-t", str(ttl)]
    for origin in (device, source):
        command += ["-I", origin] if origin else []
    return [*command, "--", destination]


def result(output: str, status: int, count: int) -> dict[str, Any]:
    """NAPALM's answer: `error` if ping could not be run, else `success`, also when nothing came back."""
    sent = re.search(r"(\d+) packets transmitted, (\d+) received", output)
    if not sent:
        return {"error": output.strip() or f"ping ended with {status}"}
    replies = re.findall(r"bytes from (\S+?)(?: \(\S+\))?: icmp_seq=\d+ .*?time=([\d.]+)", output)
    times = re.search(r"= ([\d.]+)/([\d.]+)/([\d.]+)/([\d.]+) ms", output)
    low, average, high, spread = map(float, times.groups()) if times else (0.0,) * 4
    return {
        "success": {
            "probes_sent": int(sent.group(1)),
            "packet_loss": count - int(sent.group(2)),
            "rtt_min": low,
            "rtt_max": high,
            "rtt_avg": average,
            "rtt_stddev": spread,
            "results": [{"ip_address": address, "rtt": float(time)} for address, time in replies],
        }
    }
