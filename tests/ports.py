"""Where a test's own servers listen."""

from __future__ import annotations

import socket


def free_port() -> int:
    """One on loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
