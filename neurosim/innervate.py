"""From impulses of axons to what muscle fibres do with them, stage after stage.

``innervate`` hands trains of axon spikes, simulated or recorded, to the junction and
its quanta to a fibre model; ``motor_pool`` adds up force and surface EMG of many units.
Nothing acts backwards, so stages may be run one after another without loss.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from neurosim.ensemble import spread
from neurosim.errors import NeurosimError
from neurosim.junction import HUMAN, Junction, Transmission, transmit
from neurosim.model import Model
from neurosim.protocol import Kicks
from neurosim.simulation import one_or_many, simulate
from neurosim.trains import checked_times

DELAY = 0.8  # ms from the impulse at the last node to its quanta (recalled, 0.5-1)
FORCES = 100.0  # strongest unit over the weakest, exponential (Fuglevand et al. 1993)
WIDTH = 2.0  # ms, one SD of the potential of a unit under a surface electrode (chosen)


def trains_at(rates: Any, *, seconds: float = 1.0, start: float = 0.0) -> np.ndarray:
    """Return trains of evenly spaced impulses, (rates, spikes) ms, NaN-padded.

    Parameters
    ----------
    rates : 1/s, a number or 1-D array; each gives at least one impulse. seconds : of
        train. start : time of the first impulse, ms.
    """
    rates = np.atleast_1d(np.asarray(rates, float))
    if rates.ndim != 1 or not ((rates > 0.0) & np.isfinite(rates)).all():
        raise NeurosimError(
            "trains_at: give rates above 0 per second, one or a 1-D array of them."
        )
    counts = np.maximum(np.round(rates * seconds), 1.0)
    k = np.arange(int(counts.max()))
    times = start + 1e3 / rates[:, None] * k
    return np.where(k < counts[:, None], times, np.nan)


def one_for_each(model: Model, trains: np.ndarray, axis: str) -> Model:
    """Return a model of one run as one run per train, along ``axis``."""
    name = "temperature_m"
    value = model.values.get(name, model.parameters[name].value)
    return model.along(axis, **{name: np.full(len(trains), value)})


def transmitted(
    model: Model,
    spike_times: Any,
    *,
    preset: Junction = HUMAN,
    quanta: str = "mean",
    seed: int = 0,
) -> tuple[np.ndarray, Transmission]:
    """Return the impulses of each run, (runs, spikes), and what they release.

    The bath of the terminal is that of the model's runs (``ca_o``, ``mg_o``).
    """
    ensemble = spread(model)
    times = np.atleast_2d(checked_times(spike_times))
    if len(times) not in (1, ensemble.size):
        raise NeurosimError(
            f"innervate: {len(times)} trains for {ensemble.size} runs of {model.name}; "
            "give one train for each run, or one for all."
        )
    times = np.broadcast_to(times, (ensemble.size, times.shape[1]))
    bath = {
        name: ensemble.values.get(name, model.parameters[name].value)
        for name in ("ca_o", "mg_o")
        if name in model.parameters
    }
    released = transmit(times, **bath, preset=preset, quanta=quanta, seed=seed)
    return times, released


def innervate(
    model: Model,
    spike_times: Any,
    *,
    duration: float,
    preset: Junction = HUMAN,
    quanta: str = "mean",
    delay: float = DELAY,
    seed: int = 0,
    protocol: Any = None,
    record: Iterable[str] = ("force",),
    measure: Iterable[Any] = ("spike_times",),
    **how: Any,
) -> Any:
    """Drive a fibre by its axon's impulses and return its run.

    Parameters
    ----------
    model : a fibre with an end-plate (``MUSCLE_FIBRE``, ``SLOW_FIBRE``); its runs have
        their own trains or share one. One run and several trains become as many runs,
        along ``train``.
    spike_times : of the axon at its last node, ms, (spikes,) or (runs, spikes), rising,
        NaN-padded.
    duration : ms. preset, quanta, seed : as in ``neurosim.junction.transmit``.
    delay : ms from an impulse to its quanta. protocol : what else is done.
    record, measure, how : as in ``neurosim.simulate``.

    Returns
    -------
    xarray.Dataset as of ``simulate``; with ``transmission_ratio``, fibre spikes over
    axon spikes before the end (NaN without), if spikes were measured.

    Raises
    ------
    NeurosimError : for a model without an end-plate, or trains that fit no run.
    """
    if "ach" not in {s.name for s in model.states}:
        raise NeurosimError(
            f"innervate: {model.name} has no end-plate; take muscle_fibre or "
            "slow_fibre."
        )
    given = np.atleast_2d(checked_times(spike_times))
    if not model.axes and len(given) > 1:
        model = one_for_each(model, given, "train")
    times, released = transmitted(model, given, preset=preset, quanta=quanta, seed=seed)
    pieces = () if protocol is None else one_or_many(protocol)
    arrive = times + delay
    found = simulate(
        model, (*pieces, Kicks("ach", arrive, np.nan_to_num(released.quanta))),
        duration=duration, record=record, measure=measure, seed=seed, **how,
    )  # fmt: skip
    if "spike_time" in found:
        sent = (arrive < duration).sum(axis=1)
        spikes = np.isfinite(found["spike_time"]).sum("spike")
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = spikes.values.ravel() / np.where(sent > 0, sent, np.nan)
        found["transmission_ratio"] = spikes.copy(data=ratio.reshape(spikes.shape))
        found["transmission_ratio"].attrs = {
            "units": "1", "long_name": "fibre spikes per axon spike",
        }  # fmt: skip
    return found


def unit_forces(units: int, span: float = FORCES) -> np.ndarray:
    """Return each unit's share of the pool's tetanic force, weakest first.

    Forces rise exponentially with rank over ``span`` (Fuglevand, Winter & Patla 1993).
    """
    if units < 1 or not span >= 1.0:
        raise NeurosimError(
            f"unit_forces: needs units >= 1 and span >= 1, not {units}."
        )
    rank = np.arange(units) / max(units - 1, 1)
    forces = span**rank
    return forces / forces.sum()


def motor_pool(
    model: Model,
    trains: Any,
    *,
    duration: float,
    span: float = FORCES,
    every: float = 1.0,
    **how: Any,
) -> Any:
    """Return force and a surface-EMG-like signal of a pool of motor units.

    One fibre stands for all fibres of its unit. The EMG is a sum of equal biphasic
    potentials, one per fibre spike, as strong as the unit (volume conduction, depth and
    distance are left out).

    Parameters
    ----------
    model : the fibre, one run. trains : axon spikes, ms, (units, spikes), NaN-padded,
        weakest unit first. duration : ms. span : strongest over weakest unit.
    every : ms between samples of the force (the EMG has ten times as many).
    how : as in ``innervate``.

    Returns
    -------
    xarray.Dataset: ``force`` (time), share of the pool's tetanus; ``emg`` (time_emg),
    1 for the strongest unit; ``unit_force`` (unit, time), share of the unit's tetanus;
    ``spike_time`` (unit, spike) of the fibres; ``transmission_ratio`` (unit).
    """
    import xarray as xr

    times = np.atleast_2d(checked_times(trains))
    units = len(times)
    if model.axes:
        raise NeurosimError(
            f"motor_pool: {model.name} varies along {', '.join(model.axes)}; give one "
            "fibre, and one train per unit."
        )
    runs = one_for_each(model, times, "unit")
    found = innervate(runs, times, duration=duration, record_every=every, **how)
    share = unit_forces(units, span)
    force = np.tensordot(share, found["force"].values, axes=(0, 0))
    grid = np.arange(0.0, duration, 0.1 * every)
    emg = surface_emg(grid, found["spike_time"].values, share / share.max())
    return xr.Dataset({
        "force": ("time", force, {"units": "1", "long_name": "share of tetanus"}),
        "emg": ("time_emg", emg, {"units": "1", "long_name": "surface EMG, arbitrary"}),
        "unit_force": found["force"],
        "spike_time": found["spike_time"],
        "transmission_ratio": found["transmission_ratio"],
        "share": ("unit", share, {"units": "1", "long_name": "share of tetanic force"}),
    }).assign_coords(
        time=found["time"], time_emg=("time_emg", grid, {"units": "ms"}),
    )  # fmt: skip


def surface_emg(
    time: np.ndarray, spike_times: np.ndarray, sizes: np.ndarray, width: float = WIDTH
) -> np.ndarray:
    """Return the sum of the potentials of all units at ``time``, (times,).

    Each fibre spike adds the derivative of a Gaussian, peak 1 times the unit's size.

    Parameters
    ----------
    time : evenly spaced, ms. spike_times : (units, spikes), ms, NaN-padded.
    sizes : (units,). width : SD of the Gaussian, ms.
    """
    step = time[1] - time[0]
    signal = np.zeros(time.size)
    for size, spikes in zip(sizes, spike_times, strict=True):
        fired = spikes[np.isfinite(spikes)]
        fired = fired[(fired >= time[0]) & (fired < time[-1])]
        at = np.round((fired - time[0]) / step).astype(int)
        np.add.at(signal, at, size)
    x = np.arange(-4.0 * width, 4.0 * width + step, step) / width
    wave = -x * np.exp(0.5 * (1.0 - x * x))  # peak 1 at one SD
    return np.convolve(signal, wave, mode="same")
