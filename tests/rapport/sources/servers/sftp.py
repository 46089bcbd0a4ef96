"""A real SFTP server on the loopback, with the faults that tests ask of it."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

USER, PASSWORD = "hill", "CANARY-sftp-password"


@dataclass
class Faults:
    """What goes wrong: at which byte of a file, and how.

    Attributes:
        drop_at: The connection is cut when this byte of a file is asked for.
        short_at: The file seems to end here.
        while_reading: Called once, when a file is first read.
        names: Further names that a listing tells, true or not.
    """

    drop_at: int | None = None
    short_at: int | None = None
    while_reading: Callable[[], None] | None = None
    names: tuple[bytes, ...] = ()


@dataclass
class SftpServer:
    """The server, its keys and what it was asked."""

    root: Path
    faults: Faults = field(default_factory=Faults)
    connections: int = 0

    def __post_init__(self) -> None:
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.other_host_key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._listener: asyncssh.SSHAcceptor | None = None
        self.port = 0

    @property
    def fingerprint(self) -> str:
        return self.host_key.get_fingerprint("sha256")

    @property
    def key_line(self) -> str:
        return self.host_key.export_public_key("openssh").decode().strip()

    def start(self) -> None:
        self._listener = self._await(self._listen())
        self.port = self._listener.get_port()

    def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._await(self._listener.wait_closed())
            self._listener = None

    def restart_with_another_key(self) -> None:
        self.stop()
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.other_host_key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
        self._listener = self._await(self._listen())

    async def _listen(self) -> asyncssh.SSHAcceptor:
        server = self

        class Login(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                server.connections += 1

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == (USER, PASSWORD)

            def public_key_auth_supported(self) -> bool:
                return True

            def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
                return key.public_data == server.user_key.public_data

        return await asyncssh.listen(
            "127.0.0.1", self.port, server_factory=Login,
            server_host_keys=[self.host_key, self.other_host_key],
            sftp_factory=lambda channel: Files(channel, server), reuse_address=True,
        )  # fmt: skip

    def _await(self, coroutine):  # noqa: ANN001, ANN202
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)


class Files(asyncssh.SFTPServer):
    """The files below the server's root; faults come in where files are read."""

    def __init__(self, channel: asyncssh.SSHServerChannel, server: SftpServer) -> None:
        super().__init__(channel, chroot=str(server.root))
        self._server = server

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        async for name in super().scandir(path):
            yield name
        for made_up in self._server.faults.names:
            yield asyncssh.SFTPName(made_up, attrs=asyncssh.SFTPAttrs(permissions=0o100644))

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        faults = self._server.faults
        if faults.while_reading:
            act, faults.while_reading = faults.while_reading, None
            act()
        if faults.drop_at is not None and offset + size > faults.drop_at:
            self.channel.get_connection().abort()
            return b""
        content = super().read(file_obj, offset, size)
        if faults.short_at is not None:
            content = content[: max(0, faults.short_at - offset)]
        return content


class CuttingProxy:
    """Passes bytes on to a server and cuts the connection after some of its answer."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.cut_after: int | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_pump, args=(client, server, None), daemon=True).start()
            threading.Thread(
                target=_pump, args=(server, client, self.cut_after), daemon=True
            ).start()


def _pump(source: socket.socket, sink: socket.socket, cut_after: int | None) -> None:
    passed = 0
    try:
        while data := source.recv(4096):
            if cut_after is not None and passed + len(data) >= cut_after:
                sink.sendall(data[: cut_after - passed])
                break
            sink.sendall(data)
            passed += len(data)
    except OSError:
        pass
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
