"""A folder of results that are slow to compute, shared by processes and by later runs; safe to delete at any time.

Entries are signed with a key of this user, so that a folder from elsewhere, with entries that say whatever somebody
wanted, is as good as an empty one.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

_LIMIT = 64 * 1024**2
"""Bytes that a folder may hold: about 600 page templates, or those of every layout of a national list."""
_PART = ".part"
_SLACK = 16
"""The folder is measured again after this part of the limit was written, so it exceeds the limit by that at most."""
_DIGEST = hashlib.sha256().digest_size
# Windows has neither O_NOFOLLOW nor O_NONBLOCK; only there does a file change its line ends without O_BINARY.
_NO_LINKS, _BINARY = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_BINARY", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
"""Else to open a pipe that somebody put there waits for a writer."""

_ENTRY = re.compile(rf"[0-9a-f]{{64}}|\..*{re.escape(_PART)}")
"""The name of an entry, and of one that is being written: nothing else in the folder is ours."""


class Cache:
    """A folder of entries, each under the hash of its key; the least recently used ones are evicted.

    The key must name everything that the content is computed from, the program included: an entry is never updated.
    Nothing here raises: what cannot be read is absent, and what cannot be written is computed again next time.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, limit: int = _LIMIT) -> None:
        self._folder = folder
        self._read_only = read_only
        self._limit = limit
        self._unmeasured = limit
        """Bytes written since the folder was measured; nothing is known of it at first."""

    def get(self, key: str) -> bytes | None:
        """Return the content stored under a key; None where there is none that proves itself."""
        path = self._path(key)
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | _NO_LINKS | _BINARY | _NO_WAIT), "rb") as file:
                status = os.fstat(file.fileno())
                # A file of 20 GB, or a device, that somebody put in the place of an entry would fill the memory.
                if not _is_private(status) or not stat.S_ISREG(status.st_mode) or status.st_size > self._limit:
                    return None
                entry = file.read()
            if not self._read_only:
                os.utime(path)  # eviction goes by this time: many disks do not record when a file is read
        except OSError:
            return None
        checksum, content = entry[:_DIGEST], entry[_DIGEST:]
        return content if checksum == _checksum(key, content) else None

    def put(self, key: str, content: bytes) -> None:
        """Store a content under a key, whole or not at all."""
        if self._read_only or self._folder.is_symlink():
            # A link in a folder that somebody sent may lead to files of others, among which this would write and clear.
            return
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(self._path(key), _checksum(key, content) + content)
            self._unmeasured += len(content)
            if self._unmeasured > self._limit // _SLACK:
                self._evict()
                self._unmeasured = 0

    def _path(self, key: str) -> Path:
        return self._folder / hashlib.sha256(key.encode()).hexdigest()

    def _write(self, path: Path, entry: bytes) -> None:
        # mkstemp gives a name that no other process uses, and a file that only its owner may read.
        descriptor, temporary = tempfile.mkstemp(prefix=f".{os.getpid()}.", suffix=_PART, dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(entry)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink()
            raise

    def _evict(self) -> None:
        """Remove what killed processes left, and the least recently used files beyond the limit."""
        with os.scandir(self._folder) as found:
            own = (each for each in found if _ENTRY.fullmatch(each.name))
            files = [(status.st_mtime_ns, status.st_size, each.path) for each in own if (status := _status(each))]
        # A kill in the middle of writing leaves a temporary file, which would stay until the folder is full.
        for _, _, path in files:
            if path.endswith(_PART) and _is_left_over(Path(path).name):
                Path(path).unlink(missing_ok=True)
        total = sum(size for _, size, _ in files)
        # Their times come first, so that those that were used longest ago do.
        for _, size, path in sorted(files):
            if total <= self._limit:
                return
            Path(path).unlink(missing_ok=True)
            total -= size


@functools.cache
def program_hash() -> str:
    """Return a hash of the source of this program, for the keys of what it computes."""
    package = Path(__file__).parents[1]
    hashed = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        hashed.update(f"{path.relative_to(package).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return hashed.hexdigest()


def _checksum(key: str, content: bytes) -> bytes:
    """Sign a content with its key: an entry that was renamed, copied or made by somebody else is not believed."""
    return hmac.digest(_user_key(), f"{key}\0".encode() + content, "sha256")


@functools.cache
def _user_key() -> bytes:
    """Return the key of this user, made once; one for this process where it cannot be kept."""
    root = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    path = Path(root or Path("~/.cache").expanduser()) / "letters-toolkit" / "cache.key"
    with suppress(OSError, RuntimeError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make_key(path)
        with os.fdopen(os.open(path, os.O_RDONLY | _NO_LINKS | _BINARY), "rb") as file:
            key = file.read()
            if len(key) == _DIGEST and _is_private(os.fstat(file.fileno())):
                return key
    return os.urandom(_DIGEST)


def _is_left_over(name: str) -> bool:
    """Return whether the process that wrote a temporary file is gone; unknown on Windows, where eviction takes it."""
    number = name.split(".")[1]
    if os.name != "posix" or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)  # only asks whether it is there
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        pass
    return False


def _make_key(path: Path) -> None:
    """Write a new key, unless another process does so at the same moment."""
    descriptor, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(_DIGEST))
    try:
        os.link(temporary, path)  # unlike a renaming, this never replaces a key that is there
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()


def _is_private(status: os.stat_result) -> bool:
    """Return whether a file is this user's, and writable by nobody else."""
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return the size and times of a file; None where another process has just removed it."""
    with suppress(FileNotFoundError):
        return entry.stat(follow_symlinks=False)
    return None
