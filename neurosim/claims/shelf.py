"""What the runs of a report gave, on disk as soon as it is known.

A report that was interrupted, or that is asked for again, takes from the shelf what the
same code found for the same draws and dose. Results of other code are thrown away.
"""

import hashlib
import platform
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from neurosim.errors import NeurosimError
from neurosim.store import write_whole

PACKAGE = Path(__file__).parents[1]
WHOLE = "value"  # the name under which a bare array is kept
DIGITS = 16  # hexadecimal, of a digest in the name of a file


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
        """Make the folder, and clear it of what other code left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.glob("*.npz*"):
            if not path.name.startswith(code()):
                path.unlink(missing_ok=True)

    def of(self, *owner: Any) -> "Shelf":
        """Return the same folder for another owner."""
        return Shelf(self.folder, digest(owner))

    def path(self, kind: str, key: tuple) -> Path:
        """Return where a kind of run at a dose is kept."""
        return self.folder / f"{code()}_{kind}_{digest([self.owner, kind, key])}.npz"

    def take(self, kind: str, key: tuple) -> Any:
        """Return what was kept, None where nothing sound is there."""
        try:
            with self.path(kind, key).open("rb") as file:
                whole = np.load(file, allow_pickle=False)
                found = {name: whole[name] for name in whole.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None
        return found.get(WHOLE, found)

    def put(self, kind: str, key: tuple, found: Any) -> None:
        """Keep an array or a dict of arrays; anything else is quickly made again.

        A disk that is full stops nothing: the run goes on without.
        """
        named = {WHOLE: found} if isinstance(found, np.ndarray) else found
        if not isinstance(named, dict):
            return
        arrays: dict[str, Any] = {n: np.asarray(v) for n, v in named.items()}
        if not arrays or any(a.dtype.kind not in "biufU" for a in arrays.values()):
            return

        def fill(path: Path) -> None:
            with path.open("wb") as file:
                np.savez(file, **arrays)

        with suppress(NeurosimError):
            write_whole(self.path(kind, key), fill)
