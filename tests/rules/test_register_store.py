"""The encrypted document store: what goes in comes out, and nothing else does."""

import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from moderation.store import Store, Unreadable

MASTER = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path.as_uri(), MASTER)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 plan", secrets.token_bytes(3_000_000)])
def test_a_document_comes_back_as_it_was(store: Store, content: bytes) -> None:
    stored = store.put(content)
    assert store.get(stored.path, stored.wrapped_key) == content
    assert stored.size == len(content)


def test_nothing_of_the_document_can_be_read_on_the_disk(store: Store, tmp_path: Path) -> None:
    stored = store.put(b"Tobi likes the trampoline")
    store.put_derived(stored.path, stored.wrapped_key, "page-1.txt", b"Tobi likes the trampoline")
    assert len(files_in(tmp_path)) == 2
    for file in files_in(tmp_path):
        assert b"Tobi" not in file.read_bytes()


def test_the_same_document_twice_is_two_objects_with_two_keys(store: Store) -> None:
    one, two = store.put(b"same"), store.put(b"same")
    assert one.sha256 == two.sha256
    assert {one.path, one.wrapped_key}.isdisjoint({two.path, two.wrapped_key})


def test_a_changed_object_is_refused(store: Store, tmp_path: Path) -> None:
    stored = store.put(b"plan")
    file = files_in(tmp_path)[0]
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(Unreadable):
        store.get(stored.path, stored.wrapped_key)


def test_one_object_cannot_stand_in_for_another(store: Store, tmp_path: Path) -> None:
    stored = store.put(b"plan")
    store.put_derived(stored.path, stored.wrapped_key, "page-1.png", b"picture")
    page, original = tmp_path / stored.path / "page-1.png", tmp_path / stored.path / "original"
    original.write_bytes(page.read_bytes())
    with pytest.raises(Unreadable):
        store.get(stored.path, stored.wrapped_key)


def test_another_master_key_opens_nothing(store: Store, tmp_path: Path) -> None:
    stored = store.put(b"plan")
    with pytest.raises(Unreadable):
        Store(tmp_path.as_uri(), secrets.token_bytes(32)).get(stored.path, stored.wrapped_key)


def test_the_key_of_one_document_does_not_open_another(store: Store) -> None:
    one, two = store.put(b"one"), store.put(b"two")
    with pytest.raises(Unreadable):
        store.get(one.path, two.wrapped_key)


def test_erasing_removes_the_document_and_all_that_was_made_from_it(store: Store, tmp_path: Path) -> None:
    stored, other = store.put(b"plan"), store.put(b"other")
    store.put_derived(stored.path, stored.wrapped_key, "page-1.png", b"picture")
    store.erase(stored.path)
    store.erase(stored.path)
    assert [file.parent.name for file in files_in(tmp_path)] == [other.path]
    with pytest.raises(Unreadable):
        store.get(stored.path, stored.wrapped_key)


def test_a_bucket_works_like_a_folder() -> None:
    store = Store(f"memory://{secrets.token_hex(4)}", MASTER)
    stored = store.put(b"plan")
    store.put_derived(stored.path, stored.wrapped_key, "page-1.txt", b"text")
    assert store.get(stored.path, stored.wrapped_key) == b"plan"
    assert len(list(store.sealed())) == 2
    store.erase(stored.path)
    assert list(store.sealed()) == []


def test_a_backup_takes_sealed_objects_and_puts_them_back(store: Store, tmp_path: Path) -> None:
    stored = store.put(b"plan")
    copy = Store((tmp_path / "copy").as_uri(), MASTER)
    for name, sealed in list(store.sealed()):
        assert b"plan" not in sealed
        copy.put_sealed(name, sealed)
    assert copy.get(stored.path, stored.wrapped_key) == b"plan"


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b", ""])
def test_a_backup_cannot_write_outside_the_store(store: Store, name: str) -> None:
    with pytest.raises(Unreadable):
        store.put_sealed(name, b"x")


def test_an_acknowledged_document_survives_kill_9(tmp_path: Path) -> None:
    """A process keeps documents and says so one by one; killed in the middle, each one it said is there, whole."""
    script = (
        "import sys; from moderation.store import Store\n"
        f"store = Store({tmp_path.as_uri()!r}, bytes(range(32)))\n"
        "while True:\n"
        "    kept = store.put(b'plan' * 50_000); print(kept.path, kept.wrapped_key, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [process.stdout.readline().split() for _ in range(20)]
    process.kill()
    said += [line.split() for line in process.stdout.read().splitlines() if line.endswith("=")]
    process.wait()
    store = Store(tmp_path.as_uri(), MASTER)
    for path, key in said:
        assert store.get(path, key) == b"plan" * 50_000
