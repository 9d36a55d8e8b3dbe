#!/usr/bin/python3
"""A web server that answers every GET with one line: `webserver.py ADDRESS TEXT` (stand-alone, port 80)."""

import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ADDRESS, TEXT = sys.argv[1:]


class OneLine(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"{TEXT}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        print(f"[{self.address_string()}]", format % args, flush=True)


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6 if ":" in ADDRESS else socket.AF_INET


Server((ADDRESS, 80), OneLine).serve_forever()
