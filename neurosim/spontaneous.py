"""Firing without a stimulus: a fluctuating drive against the threshold current.

A resting axon fires when a slow drive, an Ornstein-Uhlenbeck current, carries it past
its threshold. ``firing`` simulates that. ``rate_law`` says how often it happens where
that is too rare to wait for, from the threshold current ``i_th`` of a 40 ms step:

    rate = f0 exp(-i_th^2 / (2 sigma^2))

``F0`` was fitted to ``firing`` (experiment ``spontaneous_rate``); beyond an ``i_th`` of
3.2 ``sigma`` the law overstates, at 3.9 three times. ``SIGMA`` is the one
free calibration of neurosim: with it healthy motor pools fire about once a minute
(experiment ``calibrate_baseline``). No number here comes from patients.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.engine import Wanted, checked_dt, run
from neurosim.ensemble import Ensemble, part, spread
from neurosim.equilibrium import applied, at_reference, rest_buffer
from neurosim.errors import NeurosimError
from neurosim.model import Model
from neurosim.protocol import Fluctuation, Rest
from neurosim.search import RELATIVE, SETTLE, calming, each, threshold_from
from neurosim.timetable import timetable
from neurosim.trains import events

TAU = 20.0  # ms, correlation time of the drive (design section 4, assumed)
SIGMA = 0.010  # nA per whole node, SD of the drive in the median axon (calibrated)
F0 = 18.0  # 1/s, event rate at threshold 0 (fitted to direct simulation)
I_TH_WIDTH = 40.0  # ms, the step that defines the threshold current
COARSE = 4.0  # times the default step: thresholds of 1 ms move by 0.04 % at most
# times it under a fluctuating drive: against 4 times rates move by 0.05 %, spikes per
# event by 0.3 %; at 8 times impulses are counted twice (decision 0010)
NOISY = 5.0
LONG = 16.0  # times the default step: i_th of motor axons moves by 0.07 % at most


def rate_law(i_th: Any, sigma: Any = SIGMA, f0: float = F0) -> np.ndarray:
    """Return the calibrated event rate, 1/s.

    Parameters
    ----------
    i_th : threshold current of a 40 ms step, nA (0 where the axon fires by itself).
    sigma : SD of the drive, nA. f0 : 1/s. All broadcast together.

    Raises
    ------
    NeurosimError : for a sigma that is not positive.
    """
    i_th, sigma = np.asarray(i_th, float), np.asarray(sigma, float)
    if not (sigma > 0).all():
        raise NeurosimError(
            f"rate_law: sigma = {sigma.min():g} nA; the drive needs a positive SD."
        )
    return f0 * np.exp(-0.5 * (np.maximum(i_th, 0.0) / sigma) ** 2)


def at_rest(ensemble: Ensemble, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Return all runs after ``SETTLE`` in their bath, twice, and which are quiet.

    A sudden change of bath may fire an axon that then comes to rest: only the second
    half has to be silent.
    """
    states, _ = rest_buffer(at_reference(ensemble))
    x = applied(ensemble, states)
    table = timetable(calming(step), SETTLE, step)
    first = run(ensemble, x, table, Wanted())
    again = first.counts > 0
    x, quiet = first.x, ~again & (first.status == 0)
    if again.any():
        runs = np.flatnonzero(again)
        left = part(ensemble, runs)
        table = timetable(Rest(), SETTLE, step)
        second = run(left, np.ascontiguousarray(x[:, runs]), table, Wanted())
        x[:, runs] = second.x
        quiet[runs] = (second.counts == 0) & (second.status == 0)
    return x, quiet


def threshold_current(
    model: Model,
    *,
    dt: float | None = None,
    relative: float = RELATIVE,
    near: np.ndarray | None = None,
) -> np.ndarray:
    """Return the threshold current of a 40 ms step of all runs, nA, (runs,).

    0 where the axon fires by itself, NaN where it cannot be excited or diverged.

    Parameters
    ----------
    dt : ms; by default 16 times the model's, which moves i_th by 0.07 % at most.
    relative : width at which the search ends. near : where it begins, nA, (runs,).
    """
    step = LONG * model.dt if dt is None else checked_dt(model, SETTLE, dt)
    ensemble = spread(model)
    x, quiet = at_rest(ensemble, step)
    found = threshold_from(
        ensemble, x, quiet, I_TH_WIDTH, step, 1.0, relative=relative, near=near
    )
    alive = np.isfinite(x).all(axis=0)
    return np.where(alive & ~quiet, 0.0, found)


@dataclass(frozen=True, slots=True)
class Firing:
    """What a fluctuating drive did to every run, each (runs,).

    events : number of them. rate : 1/s. spikes_per_event, multiplets : mean number of
    spikes, and the share of events with two spikes within 25 ms (NaN without events).
    times : of all spikes, ms, (runs, spikes), NaN-padded.
    """

    events: np.ndarray
    rate: np.ndarray
    spikes_per_event: np.ndarray
    multiplets: np.ndarray
    times: np.ndarray


def firing(
    model: Model,
    *,
    seconds: float,
    sigma: Any = SIGMA,
    tau: float = TAU,
    seed: int = 0,
    channel_noise: bool = False,
    dt: float | None = None,
) -> Firing:
    """Simulate every run under a fluctuating drive and count its events.

    Parameters
    ----------
    seconds : length of each run after it settled in its bath, s.
    sigma : SD of the drive, nA, one or one per run. tau : its correlation time, ms.
    seed : run k takes the stream (seed, k). channel_noise : channels fluctuate too.
    dt : ms, by default five times the model's (rates agree within 1 %).
    """
    step = checked_dt(model, 1e3 * seconds, NOISY * model.dt if dt is None else dt)
    ensemble = spread(model)
    x, _ = at_rest(ensemble, step)
    own = each(ensemble, np.arange(ensemble.size))
    drive = Fluctuation(np.broadcast_to(sigma, ensemble.size), tau)
    outcome = run(
        own, x, timetable(drive, 1e3 * seconds, step), Wanted(spikes=True),
        seed=seed, channel_noise=channel_noise,
    )  # fmt: skip
    found = events(outcome.spikes)
    count = np.where(outcome.status == 0, found.count, np.nan)
    return Firing(
        count, count / seconds, found.spikes_each(), found.multiplets(), outcome.spikes
    )
