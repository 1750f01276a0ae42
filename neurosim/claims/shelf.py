"""What the runs of a report gave, on disk as soon as it is known.

A report that was interrupted, or that is asked for again, takes from the shelf what the
same code found for the same draws and dose. Results of other code are thrown away. Two
processes may share a shelf: what one is running the other waits for.
"""

import hashlib
import json
import platform
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from neurosim.errors import NeurosimError
from neurosim.store import write_whole

PACKAGE = Path(__file__).parents[1]
WHOLE = "value"  # the name under which a bare array is kept
LABELS = "labels"  # the name under which the labels of a Dataset are kept
LOCK = ".lock"  # end of a name: who is at a run
DIGITS = 16  # hexadecimal, of a digest in the name of a file
OURS = re.compile(  # names of its files; .nc is what it once wrote
    rf"[0-9a-f]{{{DIGITS}}}_\w+_[0-9a-f]{{{DIGITS}}}\.(npz|nc|lock)(\.tmp)?"
)


def digest(pieces: Iterable[Any]) -> str:
    """Return a digest of arrays, and of anything else as Python writes it."""
    found = hashlib.sha256()
    for piece in pieces:
        bare = isinstance(piece, np.ndarray)
        found.update(piece.tobytes() if bare else repr(piece).encode())
        found.update(b"\0")
    return found.hexdigest()[:DIGITS]


@cache
def code() -> str:
    """Return a digest of the package, and of what it computes with."""
    import numba
    import scipy

    files = [p for p in sorted(PACKAGE.rglob("*")) if p.suffix in (".py", ".csv")]
    versions = [m.__version__ for m in (np, numba, scipy)]
    return digest([*versions, platform.machine(), *(p.read_bytes() for p in files)])


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of results; ``owner`` says whose, a digest of model and draws."""

    folder: Path
    owner: str = ""

    def prepare(self) -> None:
        """Make the folder, and clear it of what other code kept there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.iterdir():
            if OURS.fullmatch(path.name) and not path.name.startswith(code()):
                path.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Take away the locks; who still holds one keeps nobody off any more."""
        for path in self.folder.glob(f"*{LOCK}"):
            with suppress(OSError):
                path.unlink()

    def of(self, *owner: Any) -> "Shelf":
        """Return the same folder for another owner."""
        return Shelf(self.folder, digest(owner))

    def path(self, kind: str, key: tuple) -> Path:
        """Return where a kind of run at a dose is kept."""
        return self.folder / f"{code()}_{kind}_{digest([self.owner, kind, key])}.npz"

    @contextmanager
    def alone(self, kind: str, key: tuple) -> Iterator[None]:
        """Wait for other processes at the same run, and keep them waiting.

        Runs wait for what they are made of only, so no two wait for each other.
        """
        from filelock import FileLock

        lock = FileLock(self.path(kind, key).with_suffix(LOCK))
        with suppress(OSError):  # a full disk stops nothing
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def take(self, kind: str, key: tuple) -> Any:
        """Return what was kept, None where nothing sound is there."""
        path = self.path(kind, key)
        try:
            with path.open("rb") as file:
                whole = np.load(file, allow_pickle=False)
                found = {name: whole[name] for name in whole.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None
        return labelled(found) if LABELS in found else found.get(WHOLE, found)

    def put(self, kind: str, key: tuple, found: Any) -> None:
        """Keep arrays or a Dataset; anything else is quickly made again.

        Arrays come bare, in a dict or in a dataclass, which is taken as a dict again. A
        disk that is full stops nothing: the run goes on without.
        """
        arrays = arrays_of(found)
        if not arrays or any(a.dtype.kind not in "biufU" for a in arrays.values()):
            return

        def fill(path: Path) -> None:
            with path.open("wb") as file:
                np.savez(file, **arrays)

        with suppress(NeurosimError):
            write_whole(self.path(kind, key), fill)


def arrays_of(found: Any) -> dict[str, Any]:
    """Return what a run gave as named arrays; none if it is anything else.

    A Dataset is kept like that because its netCDF may take longer than its run.
    """
    if hasattr(found, "to_dict"):
        labels = np.array(json.dumps(found.to_dict(data=False)))
        return {n: v.values for n, v in found.variables.items()} | {LABELS: labels}
    if isinstance(found, np.ndarray):
        return {WHOLE: found}
    if is_dataclass(found):
        found = {f.name: getattr(found, f.name) for f in fields(found)}
    named = found.items() if isinstance(found, dict) else ()
    return {name: np.asarray(value) for name, value in named}


def labelled(arrays: dict[str, np.ndarray]) -> Any:
    """Return the Dataset that was kept as named arrays."""
    from xarray import Dataset

    labels = json.loads(str(arrays[LABELS]))
    for named in (labels["coords"], labels["data_vars"]):
        for name, variable in named.items():
            variable["data"] = arrays[name]
    return Dataset.from_dict(labels)
