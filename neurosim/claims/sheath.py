"""Runs of motor fibres with thin or lost myelin, shared by the claims about it.

The sheaths are those of ``neurosim.myelin``; what was run once is kept by the bench.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neurosim.body import timeline
from neurosim.body.doses import read_dose
from neurosim.claims.judge import settings_of
from neurosim.claims.population import Bench, crossed
from neurosim.conduction import AMPLITUDE, WIDTH, arrival, fibre_of
from neurosim.engine import Wanted, run
from neurosim.ensemble import spread
from neurosim.innervate import unit_forces
from neurosim.myelin import HEALTHY_G, draw_lost, sheathed, sheaths
from neurosim.pool import AXONS, r_sp
from neurosim.pool import NODES as NEARER
from neurosim.protocol import Pace, Step
from neurosim.spontaneous import COARSE, I_TH_WIDTH, at_rest
from neurosim.timetable import timetable

INTERNODES = 20  # of a fibre: 23 mm of 10 um
STREAM, NODES = 13, 14  # of the seed: internodes lost in fibres, and beside a node
RATE, SENT = 30.0, 3  # impulses per s; how many a fibre has to pass on
BUSY, CALM = 3.0, 0.1  # ms at the full step after a stimulus; step in between
STRONG = 0.5  # nA, fifty times the SD of the drive


def thin(g_ratio: Any, lost: Any = ()) -> dict[str, Any]:
    """Return the sheaths of the motor fibre as a dose."""
    from neurosim.models import MOTOR_CABLE

    return sheaths(MOTOR_CABLE, g_ratio, lost)


def put_in(settings: Mapping[str, Any], days: float) -> dict[str, float]:
    """Return the inputs of the body that a dose has moved after some days.

    Causes and treatments over time are all that structure, energy and pump depend on:
    no level of the body acts on them.
    """
    dose = read_dose(settings)
    causes, since = (dose.before, np.inf) if dose.treat else (dose.causes, 0.0)
    changes = timeline.course(
        causes, dose.severity, since=since, treat=dose.treat, days=days
    )
    return {name: v for _, changed in changes for name, v in changed.items()}


def conducted(
    bench: Bench, dose: Mapping[str, Any], sent: int = 1
) -> dict[str, np.ndarray]:
    """Return what a fibre makes of impulses at 30 Hz at a dose, each (draws,).

    thin_cv : velocity of the first, m/s. arrived : how many of ``sent`` come to the
    last node.
    """

    def make(_: dict) -> dict[str, np.ndarray]:
        from neurosim.models import MOTOR_CABLE

        model = crossed(sheathed(MOTOR_CABLE), bench.population, [dict(dose)])
        fibre = fibre_of(model, 0.0, None)
        begin = 1e3 / RATE * np.arange(sent)
        pieces: list[Any] = [Step(AMPLITUDE, t, t + WIDTH) for t in begin]
        pieces += [Pace(CALM, t + BUSY, t + 1e3 / RATE) for t in begin[:-1]]
        table = timetable(pieces, begin[-1] + BUSY, fibre.dt)
        names = (*fibre.places, f"v_{model.compartments[0].copies[-1]}")
        found = run(fibre.ensemble, fibre.x, table, Wanted(names, fibre.dt))
        v, level, early = found.samples, model.detect, found.time < BUSY
        start, end = (
            arrival(v[:, k][:, early], found.time[early], level) for k in (0, 2)
        )
        ups = ((v[:, 3, :-1] < level) & (v[:, 3, 1:] >= level)).sum(axis=1)
        usable = fibre.able & (found.status == 0)
        return {
            "thin_cv": np.where(usable, 1e-3 * fibre.distance / (end - start), np.nan),
            "arrived": np.where(usable, ups, np.nan),
        }

    return bench.once("sheath", {**dose, "impulses": sent}, make)


def stopped(bench: Bench, g_ratio: float) -> np.ndarray:
    """Return where one lost internode, anywhere, stops an impulse: 1, 0, NaN."""
    size = bench.population.size
    rng = np.random.default_rng((bench.population.seed, STREAM))
    one = np.eye(INTERNODES, dtype=bool)[rng.integers(INTERNODES, size=size)]
    arrived = conducted(bench, thin(g_ratio, one))["arrived"]
    return np.where(np.isfinite(arrived), arrived == 0, np.nan)


def lost_units(bench: Bench, share: float, stream: int, each: int) -> np.ndarray:
    """Tell which units lost an internode among ``each``, (draws, units)."""
    return np.stack([
        draw_lost(share, AXONS, each, (bench.population.seed, stream, k)).any(axis=1)
        for k in range(bench.population.size)
    ])  # fmt: skip


def partaking(bench: Bench, share: float, internodes: int = INTERNODES) -> np.ndarray:
    """Return the share of a pool's force whose axons lost no internode, (draws,)."""
    lost = lost_units(bench, share, STREAM, internodes)
    return ~lost @ unit_forces(AXONS)


def thin_safety(bench: Bench, dose: Mapping[str, Any]) -> np.ndarray:
    """Return the safety factor of conduction of a thin fibre, (draws,)."""

    def make(dose: dict) -> dict[str, np.ndarray]:
        from neurosim.conduction import conduction_safety_factor
        from neurosim.models import MOTOR_CABLE

        model = crossed(sheathed(MOTOR_CABLE), bench.population, [dose])
        factor = conduction_safety_factor(model, dt=COARSE * model.dt)
        return {"safety_factor": factor.values.ravel()}

    return bench.once("sheath_safety", dict(dose), make)["safety_factor"]


def unit_bench(bench: Bench) -> Bench:
    """Return the same axons with a sheath that a dose may change."""

    def make(_: dict) -> Bench:
        model, tick = sheathed(bench.model), bench.tick
        inner = Bench(model, bench.population, tick, shelf=bench.shelf)
        known = bench.once("thresholds", {}, bench.thresholds)
        inner.once("thresholds", {}, lambda _: known)
        return inner

    return bench.once("sheathed_bench", {}, make)


def fires_beside_bare(bench: Bench) -> np.ndarray:
    """Return where a node between two bare internodes fires: 1, 0, NaN.

    It is given 40 ms of fifty times the SD of the drive, with its gates 2.5 mV nearer
    than the median axon's: what does not fire then never does.
    """

    def make(_: dict) -> dict[str, np.ndarray]:
        model = unit_bench(bench).model
        dose = sheaths(model, HEALTHY_G, (0,)) | {"shift": NEARER[-1]}
        ensemble = spread(crossed(model, bench.population, [dose]))
        step = COARSE * model.dt
        x, quiet = at_rest(ensemble, step)
        pulse = timetable(Step(STRONG, 0.0, I_TH_WIDTH), I_TH_WIDTH, step)
        found = run(ensemble, x, pulse, Wanted())
        usable = quiet & (found.status == 0)
        return {"fires": np.where(usable, found.counts > 0, np.nan)}

    return bench.once("sheath_bare", {}, make)["fires"]


def demyelinated(bench: Bench, dose: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return R_sp at a g-ratio and a share of lost internodes, each (draws,).

    myelin_r_sp : of the pool; thin_r_sp : if no internode were lost, 1/min.
    thin_i_th : threshold current of the median axon with a thin sheath, nA.
    """

    def make(_: dict) -> dict[str, np.ndarray]:
        inner, settings = unit_bench(bench), dict(dose)
        g, share = settings.pop("g_ratio"), settings.pop("internode_loss")
        given = settings_of(settings)
        (found,) = inner.rates([given | sheaths(inner.model, g)])
        lost = lost_units(bench, share, NODES, 1)
        silent = np.where(fires_beside_bare(bench) == 0, 0.0, np.nan)[:, None]
        return {
            "myelin_r_sp": inner.passing(given)
            * r_sp(np.where(lost, silent, found.axons)),
            "thin_r_sp": found.r_sp, "thin_i_th": found.i_th[:, 0],
        }  # fmt: skip

    return bench.once("myelin", dict(dose), make)
