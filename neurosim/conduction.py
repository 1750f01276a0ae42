"""Conduction along a fibre: velocity, height of the impulse, safety factor.

An impulse is started at the first node and read between a quarter and three quarters
of the way, where neither the stimulus nor the sealed ends are felt.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from neurosim.core.block import ROW
from neurosim.core.cable import AXIAL
from neurosim.declare import Cable, Param
from neurosim.engine import Wanted, checked_dt, run
from neurosim.ensemble import Ensemble, spread
from neurosim.errors import NeurosimError
from neurosim.feature import labelled, of_model
from neurosim.lower import rows_of
from neurosim.model import Model
from neurosim.protocol import Rest, Step
from neurosim.search import settled, threshold_from
from neurosim.timetable import timetable
from neurosim.wiring import full

FEWEST = 9  # nodes: a quarter then is two internodes away from either end
AMPLITUDE, WIDTH = 5.0, 0.1  # nA and ms: ten times the threshold of a 10 um fibre
DUE = 6.0  # ms within which the impulse arrives, or does not
MOST, LEAST = 8.0, 1.0 / 64.0  # times the sodium conductance, ends of the search
RELATIVE = 1e-3  # width at which a safety factor is found
FINE = 0.25  # of a step: the current into a node peaks for some 10 us


@dataclass(frozen=True, slots=True, kw_only=True)
class Fibre:
    """The runs of a fibre at rest, and where its impulse is read."""

    ensemble: Ensemble
    x: np.ndarray
    able: np.ndarray  # runs that are quiet
    geometry: Cable
    places: tuple[str, ...]  # v a quarter, half and three quarters of the way
    middle: str  # the node half of the way
    distance: float  # um between the first and the last of them
    dt: float


@of_model("m/s", "conduction velocity")
def conduction_velocity(
    model: Model, *, settle: float = 0.0, dt: float | None = None
) -> Any:
    """Velocity of an impulse between a quarter and three quarters of the fibre, m/s.

    From the upward crossings of the model's detection level, linear between steps.

    Parameters
    ----------
    settle : 0 starts at the equilibrium of the bath; a time in ms starts there after
        that long in the bath from the rest of the reference bath.

    Returns
    -------
    DataArray with the model's axes; NaN where the fibre fires by itself, has no stable
    rest, or the impulse does not arrive.

    Raises
    ------
    NeurosimError : if the model is not a chain of at least nine nodes.
    """
    return conduction(model, settle=settle, dt=dt)["conduction_velocity"]


@of_model("mV", "height of the impulse in the middle of the fibre, from rest")
def ap_amplitude(model: Model, *, settle: float = 0.0, dt: float | None = None) -> Any:
    """Peak minus rest in the middle of the fibre, mV; see ``conduction_velocity``.

    A blocked impulse leaves the little that reaches the middle.
    """
    return conduction(model, settle=settle, dt=dt)["ap_amplitude"]


def conduction(model: Model, *, settle: float = 0.0, dt: float | None = None) -> Any:
    """Return ``conduction_velocity`` and ``ap_amplitude`` from the same runs."""
    import xarray as xr

    fibre = fibre_of(model, settle, dt)
    v, time = impulse(fibre, fibre.places)
    first, last = (arrival(v[:, k], time, model.detect) for k in (0, 2))
    velocity = 1e-3 * fibre.distance / (last - first)  # um/ms
    height = v[:, 1].max(axis=1) - v[:, 1, 0]
    found = {conduction_velocity: velocity, ap_amplitude: height}
    return xr.Dataset({m.__name__: of(fibre, m, values) for m, values in found.items()})


def impulse(fibre: Fibre, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Start an impulse; return states (runs, names, times), NaN unless quiet, times."""
    table = timetable(Step(AMPLITUDE, 0.0, WIDTH), DUE, fibre.dt)
    outcome = run(fibre.ensemble, fibre.x, table, Wanted(names, fibre.dt))
    return np.where(fibre.able[:, None, None], outcome.samples, np.nan), outcome.time


def of(fibre: Fibre, measure: Any, values: np.ndarray) -> Any:
    """Return the values of a measure, labelled."""
    name, unit, doc = measure.__name__, measure.unit, measure.doc
    return labelled(fibre.ensemble, name, values, unit=unit, doc=doc)


@of_model("", "peak current into a node over the threshold current of a 0.1 ms pulse")
def action_current_ratio(
    model: Model, *, settle: float = 0.0, dt: float | None = None
) -> Any:
    """Divide the action current that reaches a node by the one that excites it.

    The safety factor of Tasaki and of Rasminsky & Sears 1972 (J Physiol 227:323-350):
    the largest current along the axoplasm into the middle node over the threshold of a
    0.1 ms pulse into the first, whose load is that of a node with the fibre before it.
    It depends on the width of that pulse and has no value at block; see
    ``conduction_safety_factor``.

    Parameters
    ----------
    settle : as for ``conduction_velocity``. dt : ms; the current is looked for at a
        quarter of it.

    Returns
    -------
    DataArray with the model's axes; NaN where the fibre fires by itself, has no stable
    rest, or does not conduct.
    """
    fibre = fibre_of(model, settle, dt)
    pieces, first = fibre.geometry.pieces, model.compartments[0].name
    k = pieces.index(fibre.middle)
    names = [full("v", pieces[k], first), full("v", pieces[k - 1], first)]
    outside = full("phi", pieces[k - 1], first)
    names += [outside] * (outside in rows_of(model).states)
    states, _ = impulse(replace(fibre, dt=FINE * fibre.dt), tuple(names))
    drop = states[:, 1:].sum(axis=1) - states[:, 0]
    current = fibre.geometry.table[k - 1][AXIAL] * drop.max(axis=1)  # nA
    most = np.full(fibre.ensemble.size, AMPLITUDE)
    least = threshold_from(
        fibre.ensemble, fibre.x, fibre.able, WIDTH, fibre.dt, DUE, most
    )
    return of(fibre, action_current_ratio, current / least)


@of_model("", "sodium conductance over the least with which an impulse travels")
def conduction_safety_factor(
    model: Model, *, settle: float = 0.0, dt: float | None = None
) -> Any:
    """Sodium conductance of the nodes over the least with which an impulse travels.

    What is available over what is required, as in ``action_current_ratio``, but in
    conductance instead of current, so that it is 1 where conduction just fails: 4 means
    that three quarters of the sodium channels could be lost, 0.8 that the impulse is
    blocked and a quarter more channels would carry it. All sodium conductances of the
    nodes are scaled together, from the moment of the stimulus on; the impulse travels
    if it arrives three quarters of the way.

    Parameters
    ----------
    settle : as for ``conduction_velocity``.

    Returns
    -------
    DataArray with the model's axes; 0 where eight times the conductance does not carry
    the impulse, NaN where the fibre fires by itself or has no stable rest.
    """
    fibre = fibre_of(model, settle, dt)
    sodium = sodium_rows(model)
    high = np.ones(fibre.ensemble.size)
    while (stuck := ~travels(fibre, sodium, high) & (high < MOST)).any():
        high = np.where(stuck, 2.0 * high, high)
    carried = travels(fibre, sodium, high)
    low = 0.5 * high
    while (easy := travels(fibre, sodium, low) & carried & (low > LEAST)).any():
        high, low = np.where(easy, low, high), np.where(easy, 0.5 * low, low)
    while (carried & (high - low > RELATIVE * high)).any():
        middle = np.sqrt(low * high)
        passed = travels(fibre, sodium, middle)
        high, low = np.where(passed, middle, high), np.where(passed, low, middle)
    factor = np.where(carried, 1.0 / np.sqrt(low * high), 0.0)
    return of(fibre, conduction_safety_factor, np.where(fibre.able, factor, np.nan))


def fibre_of(model: Model, settle: float, dt: float | None) -> Fibre:
    """Bring a fibre to rest in its baths and choose where to read its impulse."""
    nodes = model.compartments[0].instances if model.compartments else ()
    if not isinstance(model.geometry, Cable) or len(nodes) < FEWEST:
        raise NeurosimError(
            f"{model.name} is no fibre: conduction needs a chain of {FEWEST} nodes or "
            "more, e.g. MOTOR_CABLE, or cable_of(model, nodes=...)."
        )
    last = len(nodes) - 1
    at = (last // 4, last // 2, 3 * last // 4)
    places = tuple(full("v", nodes[k], model.compartments[0].name) for k in at)
    ensemble = spread(replace(model, detect_at=nodes[at[2]]))
    step = checked_dt(model, max(settle, DUE), dt)
    x, able = settled(ensemble, settle, step)
    return Fibre(
        ensemble=ensemble, x=x, able=able, geometry=model.geometry, dt=step,
        places=places, middle=nodes[at[1]],
        distance=(at[2] - at[0]) * model.geometry.spacing,
    )  # fmt: skip


def arrival(v: np.ndarray, time: np.ndarray, level: float) -> np.ndarray:
    """Return when each run of ``v``, (runs, times), first crosses ``level`` upward."""
    up = (v[:, :-1] < level) & (v[:, 1:] >= level)
    k, row = up.argmax(axis=1), np.arange(v.shape[0])
    before, after = v[row, k], v[row, k + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (level - before) / (after - before)
    return np.where(up.any(axis=1), time[k] + share * (time[k + 1] - time[k]), np.nan)


def sodium_rows(model: Model) -> list[int]:
    """Return the rows of the sodium conductances of the nodes."""
    rows = rows_of(model).shared_rows
    found = [
        rows[c.conductance.name] // ROW
        for c in model.compartments[0].channels
        if c.ion == "Na" and isinstance(c.conductance, Param)
    ]
    if not found:
        raise NeurosimError(
            f"{model.name}: no channel of its nodes has ion='Na' and a conductance "
            "that is a parameter; the safety factor scales those."
        )
    return found


def travels(fibre: Fibre, sodium: list[int], times: np.ndarray) -> np.ndarray:
    """Tell in which runs an impulse, not a fibre firing by itself, arrives."""
    x = fibre.x.copy()
    x[sodium] *= times

    def arrives(pulse):
        outcome = run(fibre.ensemble, x, timetable(pulse, DUE, fibre.dt), Wanted())
        return (outcome.counts > 0) & (outcome.status == 0)

    found = arrives(Step(AMPLITUDE, 0.0, WIDTH))
    return found & ~arrives(Rest()) if (times > 1.0).any() else found
