"""What a router says about itself, read into NAPALM's dictionaries."""

from __future__ import annotations

import re
from typing import Any

# Shell commands, run in one round trip.
FACTS = (
    "vtysh -c 'show version'",
    "hostname",
    "hostname -f 2>/dev/null || hostname",
    "cut -d' ' -f1 /proc/uptime",
    "cat /sys/class/dmi/id/product_name 2>/dev/null || uname -m",
    "ls -1 /sys/class/net",
)


def facts(outputs: list[str]) -> dict[str, Any]:
    """`get_facts` from the outputs of FACTS, in their order."""
    version, name, fqdn, uptime, model, interfaces = (output.strip() for output in outputs)
    found = re.search(r"FRRouting (\S+)", version)
    return {
        "vendor": "FRRouting",
        "os_version": found.group(1) if found else "",
        "hostname": name,
        "fqdn": fqdn if fqdn and " " not in fqdn else name,
        "uptime": float(uptime or -1),
        "model": model,
        "serial_number": "",
        "interface_list": sorted(interfaces.split()),
    }


def ping_words(
    destination: str, *, source: str, ttl: int, timeout: int, size: int, count: int, device: str
) -> list[str]:
    """The command line of iputils' ping. A VRF is a device to ping from, as is an interface."""
    family = "-4" if re.fullmatch(r"[\d.]+", destination) else "-6"
    words = ["ping", family, "-n", "-c", str(count), "-W", str(timeout), "-s", str(size), "-t", str(ttl)]
    for origin in (device, source):
        words += ["-I", origin] if origin else []
    return [*words, "--", destination]


def ping_result(output: str, status: int, count: int) -> dict[str, Any]:
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
