"""A model with arrays as values, spread out over runs."""

from dataclasses import dataclass, replace
from math import prod
from types import MappingProxyType

import numpy as np

from neurosim.core.block import LANES, ROW
from neurosim.errors import NeurosimError
from neurosim.lower.rows import Rows, rows_of
from neurosim.model import Model

LINE = 64  # bytes of a cache line, and of the widest vector
MOST_RUNS = 10_000_000  # beyond, the axes alone fill the memory of a small machine


@dataclass(frozen=True, slots=True)
class Ensemble:
    """All runs of a model: one column each, last axis fastest."""

    model: Model
    dims: tuple[str, ...]
    coords: dict[str, np.ndarray]  # axis -> its values (or 0, 1, 2, ...)
    values: dict[str, np.ndarray | float]  # parameter -> one value per run, or one
    size: int
    amplitude: np.ndarray | None  # index into the protocol's amplitudes, per run
    amplitude_unit: str = ""  # if not that of the model's stimulus

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the number of values along each axis."""
        return tuple(self.coords[d].size for d in self.dims)

    def matrix(self) -> np.ndarray:
        """Return a buffer of all runs, shape (rows, runs), parameters filled in."""
        rows = rows_of(self.model)
        x = np.zeros((rows.size // ROW, self.size))
        for name, param in self.model.parameters.items():
            value = self.values.get(name, param.value)
            x[rows.shared_rows[name] // ROW] = value
        return x


def spread(
    model: Model, amplitudes: np.ndarray | None = None, unit: str = ""
) -> Ensemble:
    """Spread the axes of a model, and of the protocol's amplitudes, over runs."""
    dims = list(model.axes)
    coords: dict[str, np.ndarray] = {}
    for dim, names in model.axes.items():
        first = np.asarray(model.values[names[0]])
        coords[dim] = first if names == (dim,) else np.arange(first.size)
    if amplitudes is not None:
        if "amplitude" in dims:
            raise NeurosimError("protocol: the model has an axis 'amplitude' already.")
        dims.append("amplitude")
        coords["amplitude"] = amplitudes
    shape = tuple(coords[d].size for d in dims)
    size = prod(shape)
    if size > MOST_RUNS:
        raise NeurosimError(
            f"{model.name}: {' x '.join(map(str, shape))} values are {size:,} runs, "
            f"more than {MOST_RUNS:,}; take fewer values."
        )
    index = np.indices(shape).reshape(len(shape), size)
    where = {n: k for k, d in enumerate(dims) for n in model.axes.get(d, ())}
    values = {
        name: np.asarray(v)[index[where[name]]] if name in where else v
        for name, v in model.values.items()
    }
    amplitude = index[-1] if amplitudes is not None else None
    return Ensemble(model, tuple(dims), coords, values, size, amplitude, unit)


def part(ensemble: Ensemble, runs: np.ndarray) -> Ensemble:
    """Return some runs of an ensemble, by number, along the axis ``run``.

    The model of the part carries their values only.
    """
    values = {
        n: np.asarray(v)[runs] if np.ndim(v) else v for n, v in ensemble.values.items()
    }
    varied = tuple(n for n, v in values.items() if np.ndim(v))
    model = replace(
        ensemble.model,
        values=MappingProxyType(values),
        axes=MappingProxyType({"run": varied} if varied else {}),
    )
    amplitude = None if ensemble.amplitude is None else ensemble.amplitude[runs]
    return Ensemble(model, ("run",), {"run": runs}, values, runs.size, amplitude)


def lanes_of(runs: int) -> list[int]:
    """Return how many runs each block of ``to_blocks`` holds."""
    return [min(LANES, runs - begin) for begin in range(0, runs, LANES)]


def to_blocks(x: np.ndarray) -> np.ndarray:
    """Cut a (rows, runs) buffer into flat blocks (blocks, rows * ROW).

    The last block is filled up with copies of the last run.
    """
    rows, runs = x.shape
    blocks = -(-runs // LANES)
    padded = np.empty((rows, blocks * LANES))
    padded[:, :runs] = x
    padded[:, runs:] = x[:, -1:]
    cut = aligned(blocks * rows * ROW).reshape(blocks, rows, ROW)
    cut[..., :LANES] = padded.reshape(rows, blocks, LANES).transpose(1, 0, 2)
    return cut.reshape(blocks, rows * ROW)


def aligned(size: int) -> np.ndarray:
    """Return room for float64 numbers that begins at a cache line.

    numpy's own begins 16 bytes behind one, where every vector of a row lies across two.
    """
    room = np.empty(size + LINE // 8)
    start = -room.__array_interface__["data"][0] % LINE // 8
    return room[start : start + size]


def from_blocks(blocks: np.ndarray, runs: int) -> np.ndarray:
    """Undo ``to_blocks``."""
    count, length = blocks.shape
    x = blocks.reshape(count, length // ROW, ROW)[..., :LANES].transpose(1, 0, 2)
    return x.reshape(length // ROW, count * LANES)[:, :runs]


def state_rows(rows: Rows) -> np.ndarray:
    """Return the row numbers of every state variable."""
    return np.array(list(rows.states.values())) // ROW
