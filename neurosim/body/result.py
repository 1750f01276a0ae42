"""A run of the body as a labelled Dataset."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim import __version__
from neurosim.body.changes import Changes
from neurosim.body.homeostasis import BODY, CELLS
from neurosim.body.pathways import PATHWAYS
from neurosim.model import Model
from neurosim.units import UNITS

STATES = tuple(s.name for s in BODY.states)
OUTPUTS = (
    "mg_total", "mg_ionised", "mg_tissue", "ca_total", "ca_ionised", "pth",
    "pth_effect", "calcitriol", "k", "na", "ph", "hco3", "albumin", "mg_i", "k_i",
    "absorbed_mg", "urine_mg", "absorbed_ca", "urine_ca", "urine_k", "ca_o", "mg_o",
    "k_o", "na_o", "ph_o", "body_water", "oxygen_delivery", *(p.name for p in CELLS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of all stretches: arrays (runs, times) by name."""

    time: np.ndarray
    levels: dict[str, np.ndarray]
    end: dict[str, np.ndarray]  # states, (runs,)
    status: np.ndarray


def dataset(model: Model, followed: Followed, names: tuple[str, ...]) -> Any:
    """Label everything."""
    import xarray as xr

    many = bool(model.axes)
    dims = ("person",) if many else ()

    def fit(values):
        return values if many else values[0]

    about = descriptions(model)
    data: dict[str, Any] = {}
    for name in names:
        unit, text = about[name]
        attrs = {"units": unit or "1", "long_name": text}
        data[name] = ((*dims, "time"), fit(followed.levels[name]), attrs)
    end = np.stack([followed.end[n] for n in STATES], axis=1)
    data["end_state"] = ((*dims, "state"), fit(end), {"long_name": "states at the end"})
    data["status"] = (
        dims, fit(followed.status), {"long_name": "0 ok, 1 diverged", "units": "1"},
    )  # fmt: skip
    coords: dict[str, Any] = {
        "time": ("time", followed.time, {"units": "d", "long_name": "time"}),
        "state": ("state", list(STATES)),
    }
    if many:
        coords["person"] = np.arange(followed.status.size)
    result = xr.Dataset(data, coords)
    result.attrs["version"] = __version__
    result.attrs["pathways"] = ", ".join(p.name for p in PATHWAYS)
    return result


def descriptions(model: Model) -> dict[str, tuple[str, str]]:
    """Return unit and meaning of every quantity of the model."""
    wiring = model.wiring
    nouns = [*wiring.params.values(), *wiring.static.values(), *model.states]
    nouns += wiring.dynamic[""].values()
    return {noun.name: (UNITS[noun.unit], noun.doc) for noun in nouns}


def repr_of(changes: Changes) -> str:
    """Return changes as a line of text."""
    return "; ".join(
        f"day {day:g}: " + ", ".join(f"{n}={short(v)}" for n, v in values.items())
        for day, values in changes
    )


def short(value: Any) -> str:
    """Return a number, or the range of an array."""
    if np.ndim(value):
        return f"{np.min(value):g}..{np.max(value):g}"
    return f"{value:g}"
