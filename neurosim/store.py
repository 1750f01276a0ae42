"""Files of a sweep: each is whole, or not there at all.

A file is written beside its place, forced to the disk and renamed. Shards carry a
SHA-256 in a second file, in the form ``sha256sum -c`` reads. Reading never unpickles
and looks at the headers before it makes room for an array.
"""

import hashlib
import io
import json
import math
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neurosim.errors import NeurosimError

LOCK = ".lock"
MANIFEST = "manifest.json"
LARGEST = 1 << 30  # bytes of a shard; a sound one of 2048 runs has far less than 1 MB
LARGEST_JSON = 1 << 24  # bytes of a manifest
LISTED = 64  # values of an array that a manifest lists one by one
LARGEST_HEADER = 1 << 10  # bytes of the header of an array


def write_whole(path: Path, fill: Callable[[Path], Any]) -> None:
    """Let ``fill`` write a file, and put it in place when it is safe on the disk.

    Raises
    ------
    NeurosimError : if the disk is full, or the place cannot be written.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        fill(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise NeurosimError(
            f"{path} could not be written ({error.strerror or error}); make room or "
            "take another place: files finished before are whole."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_whole(path, lambda t: t.write_text(text, encoding="utf-8", newline="\n"))


def read_json(path: Path) -> dict:
    """Read a JSON object, or say in a sentence why not."""
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise ValueError("too large")
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise TypeError("not an object")
    except (OSError, ValueError, TypeError) as error:
        raise NeurosimError(
            f"{path} cannot be read ({error}); start again in another folder."
        ) from error
    return value


def make_folder(folder: Path) -> None:
    """Create a folder, or say why not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NeurosimError(
            f"{folder} cannot be a folder ({error.strerror}); give another one."
        ) from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other process off a folder, which is created if it is not there."""
    from filelock import FileLock, Timeout

    make_folder(folder)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise NeurosimError(
            f"{folder} is being written by another process; wait for it to end, or "
            "give another folder."
        ) from None
    except OSError as error:
        raise NeurosimError(
            f"{folder} cannot be written ({error.strerror or error}); give another "
            "folder."
        ) from error
    try:
        yield
    finally:
        lock.release()


def contents(folder: Path) -> list[Path]:
    """Return what lies in a folder, besides what an early end may leave there."""
    ours = (LOCK, f"{MANIFEST}.tmp")
    return (
        [p for p in folder.iterdir() if p.name not in ours] if folder.is_dir() else []
    )


def shard_paths(folder: Path, number: int) -> tuple[Path, Path]:
    """Return the files of a shard: its arrays and their checksum."""
    stem = folder / "shards" / f"{number:05d}"
    return stem.with_suffix(".npz"), stem.with_suffix(".sha256")


def write_shard(folder: Path, number: int, arrays: dict[str, np.ndarray]) -> None:
    """Write the arrays of a shard, then their checksum."""
    path, sums = shard_paths(folder, number)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    data = buffer.getvalue()
    if len(data) > LARGEST:
        raise NeurosimError(
            f"{path} would have {len(data) >> 20} MB, allowed are {LARGEST >> 20}; "
            "take a smaller shard."
        )
    line = f"{hashlib.sha256(data).hexdigest()}  {path.name}\n"
    make_folder(path.parent)
    write_whole(path, lambda t: t.write_bytes(data))
    write_whole(sums, lambda t: t.write_text(line, encoding="ascii", newline="\n"))


def read_shard(
    folder: Path, number: int, lengths: dict[str, int]
) -> dict[str, np.ndarray] | None:
    """Read a shard; None if it is missing, damaged or not what it should be.

    Parameters
    ----------
    lengths : name -> length of the array's first axis. A second axis may follow.
    """
    path, sums = shard_paths(folder, number)
    try:
        if path.stat().st_size > LARGEST or sums.stat().st_size > LARGEST_HEADER:
            return None
        data = path.read_bytes()
        stated = sums.read_text(encoding="ascii").split()[:1]
        if [hashlib.sha256(data).hexdigest()] != stated:
            return None
        return read_arrays(data, lengths)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def read_arrays(data: bytes, lengths: dict[str, int]) -> dict[str, np.ndarray]:
    """Read the arrays of an ``npz``; ValueError if anything is not as expected."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if sorted(m.filename for m in members) != sorted(f"{n}.npy" for n in lengths):
            raise ValueError("other arrays than expected")
        for member in members:
            name = member.filename.removesuffix(".npy")
            if member.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{name} is compressed")
            with archive.open(member) as file:
                check_header(file, name, lengths[name], member.file_size)
            with archive.open(member) as file:
                found[name] = np.lib.format.read_array(
                    file, allow_pickle=False, max_header_size=LARGEST_HEADER
                )
    return found


def check_header(file: Any, name: str, length: int, size: int) -> None:
    """Check shape and type of an array against the bytes that are there."""
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"{name} has format {version}")
    shape, _, dtype = np.lib.format.read_array_header_1_0(
        file, max_header_size=LARGEST_HEADER
    )
    bytes_left = size - file.tell()
    if dtype.kind not in "fiu" or math.prod(shape) * dtype.itemsize != bytes_left:
        raise ValueError(f"{name} has type {dtype}, shape {shape}")
    if not 1 <= len(shape) <= 2 or shape[0] != length:
        raise ValueError(f"{name} has shape {shape}, not {length} in front")


def write_result(path: Path, result: Any, about: dict[str, str]) -> None:
    """Write a Dataset as netCDF, and texts about it into its group ``sweep``."""
    import xarray as xr

    def fill(temporary: Path) -> None:
        try:
            result.to_netcdf(temporary, engine="h5netcdf")
            xr.Dataset(about).to_netcdf(
                temporary, engine="h5netcdf", mode="a", group="sweep"
            )
        except RuntimeError as error:  # what HDF5 says of a disk that is full
            raise OSError(str(error)) from error

    write_whole(path, fill)


def canonical(value: Any) -> Any:
    """Return a value as JSON of one form: 10 is 10.0, long arrays are a digest."""
    if is_dataclass(value) and not isinstance(value, type):
        named = {f.name: getattr(value, f.name) for f in fields(value)}
        return canonical({"piece": type(value).__name__, **named})
    if isinstance(value, Mapping):
        return {str(k): canonical(v) for k, v in value.items()}
    if isinstance(value, list | tuple) and len(value) > LISTED:
        numeric = all(isinstance(v, int | float | np.number) for v in value)
        value = np.array(value, float) if numeric else value
    if isinstance(value, np.ndarray) and value.size > LISTED:
        data = np.ascontiguousarray(value, "<f8").tobytes()
        ends = {"first": canonical(value[0]), "last": canonical(value[-1])}
        digest = hashlib.sha256(data).hexdigest()
        return {"count": value.size, **ends, "sha256": digest}
    if isinstance(value, np.ndarray | list | tuple):
        return [canonical(v) for v in value]
    if isinstance(value, np.generic):
        return canonical(value.item())
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return value


def digest_of(config: dict) -> str:
    """Return the SHA-256 of a canonical configuration."""
    text = json.dumps(config, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def first_difference(old: Any, new: Any, name: str = "") -> tuple[str, Any, Any] | None:
    """Return where two configurations differ first: the key, both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*new, *(k for k in old if k not in new)]:
            inner = f"{name}.{key}" if name else key
            found = first_difference(old.get(key), new.get(key), inner)
            if found:
                return found
        return None
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        inner = (first_difference(a, b, f"{name}[{k}]") for k, (a, b) in pairs)
        return next(filter(None, inner), None)
    return None if old == new else (name, old, new)
