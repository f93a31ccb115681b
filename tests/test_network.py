"""The suite's own guard: nothing but this machine can be reached."""

import socket

import pytest


def test_it_refuses_another_machine() -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match=r"may not reach 192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


def test_it_refuses_to_look_up_a_name() -> None:
    with pytest.raises(RuntimeError, match=r"may not reach example\.com"):
        socket.getaddrinfo("example.com", 80)


def test_it_reaches_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
