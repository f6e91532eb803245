"""Keeps documents encrypted, in a folder or a bucket.

Each document has a random place and a random key of its own, wrapped by the installation's master key. What is derived from it
(page pictures, page text) lies beside it under the same key, so losing the key erases all of it, in every copy.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .settings import BadSettings, Settings

NONCE = 12
ORIGINAL = "original"


class Unreadable(Exception):
    """The store does not give back what was put in: lost, changed, or sealed with another key."""


@dataclass(frozen=True)
class Stored:
    """Where a document lies, its key as only the master key can open it, and what it was."""

    path: str
    wrapped_key: str
    sha256: str
    size: int


class Store:
    """Documents by place and wrapped key. Every sealed object is bound to its name, so none can stand in for another."""

    def __init__(self, url: str, master_key: bytes) -> None:
        self._url = url
        self._master = AESGCM(master_key)

    def checked(self) -> "Store":
        """This store, if its address can be understood; BadSettings otherwise. A process checks when it starts."""
        try:
            self._opened  # noqa: B018 - opening is the check
        except (ValueError, ImportError) as error:
            raise BadSettings(f"MODERATION_STORE_URL cannot be used: {error}") from error
        return self

    def put(self, content: bytes) -> Stored:
        """Keep a document. When this returns, it survives a crash."""
        path, key = secrets.token_hex(16), secrets.token_bytes(32)
        wrapped = base64.b64encode(_seal(self._master, key, path)).decode()
        self._write(f"{path}/{ORIGINAL}", key, content)
        return Stored(path, wrapped, hashlib.sha256(content).hexdigest(), len(content))

    def get(self, path: str, wrapped_key: str) -> bytes:
        """The document as it was put in; Unreadable otherwise."""
        return self.get_derived(path, wrapped_key, ORIGINAL)

    def put_derived(self, path: str, wrapped_key: str, name: str, content: bytes) -> None:
        """Keep something made from a document beside it; a second time replaces it."""
        self._write(f"{path}/{name}", self._key(path, wrapped_key), content)

    def get_derived(self, path: str, wrapped_key: str, name: str) -> bytes:
        try:
            sealed: bytes = self._files.cat_file(self._place(f"{path}/{name}"))
        except FileNotFoundError:
            raise Unreadable(f"{path}/{name} is not in the store") from None
        return _unseal(AESGCM(self._key(path, wrapped_key)), sealed, f"{path}/{name}")

    def erase(self, path: str) -> None:
        """Remove a document and everything made from it. The caller forgets the key. Erasing twice is erasing."""
        place = self._place(path)
        if self._files.exists(place):
            self._files.rm(place, recursive=True)

    def sealed(self) -> Iterator[tuple[str, bytes]]:
        """Every object as it lies there, still encrypted: for backups."""
        for place in self._files.find(self._root):
            if not place.endswith(".part"):
                yield place.removeprefix(self._root).lstrip("/"), self._files.cat_file(place)

    def put_sealed(self, name: str, sealed: bytes) -> None:
        """Put back an object of a backup under its name."""
        if not all(part.replace("-", "").replace(".", "").isalnum() for part in name.split("/")):
            raise Unreadable(f"{name!r} is not the name of an object of this store")
        self._keep(name, sealed)

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs

        files, root = url_to_fs(self._url)
        return files, root.rstrip("/")

    @property
    def _files(self) -> Any:
        return self._opened[0]

    @property
    def _root(self) -> str:
        return self._opened[1]

    def _place(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _key(self, path: str, wrapped_key: str) -> bytes:
        return _unseal(self._master, base64.b64decode(wrapped_key), path)

    def _write(self, name: str, key: bytes, content: bytes) -> None:
        self._keep(name, _seal(AESGCM(key), content, name))

    def _keep(self, name: str, sealed: bytes) -> None:
        if "file" in self._files.protocol:
            _write_durably(Path(self._place(name)), sealed)
        else:
            self._files.pipe_file(self._place(name), sealed)  # a bucket takes an object whole or not at all


def open_store(settings: Settings) -> Store:
    return Store(settings.store_url, settings.master_key)


def _seal(cipher: AESGCM, content: bytes, name: str) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + cipher.encrypt(nonce, content, name.encode())


def _unseal(cipher: AESGCM, sealed: bytes, name: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], name.encode())
    except (InvalidTag, ValueError):
        raise Unreadable(f"{name} was changed, or the master key is another one") from None


def _write_durably(place: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk when this returns, the folders' entries included."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f"{place.name}.{secrets.token_hex(4)}.part")
    with part.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(place)
    for folder in (place.parent, place.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened, nor needs to be
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
