"""Muscle fibres that differ, and the runs of them that claims share.

As the axons of ``population``: each draw of a fibre and its junction is its own
control, and the ranges are fixed here, before any run. A fibre begins each run at rest
in its bath, with the ions in the cell that go with it; one without a rest gives NaN.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.fibre_course import (
    END,
    PULSE,
    STEP,
    course_features,
    course_times,
    fires_late,
    paces,
    with_rows,
    work_features,
    work_times,
)
from neurosim.claims.population import Bench, Population, crossed
from neurosim.claims.shelf import Shelf
from neurosim.core.block import ROW
from neurosim.derived import along_runs, recorded
from neurosim.engine import Wanted, current_rows, run
from neurosim.ensemble import part, spread
from neurosim.equilibrium import (
    applied,
    at_reference,
    is_stable,
    rest_buffer,
    settle,
)
from neurosim.innervate import DELAY
from neurosim.junction import CA, HUMAN, MG, Junction, miniature_rate, transmit
from neurosim.lower import rows_of
from neurosim.model import Model
from neurosim.protocol import Kicks, Step
from neurosim.search import AFTER, threshold_from
from neurosim.timetable import timetable

# a factor on these parameters, all independent: +-20 %, assumed
SPREAD = (
    "p_na", "p_kdr", "p_kq", "p_kir", "p_cl", "g_ep", "release_max", "serca_max",
    "sr_leak", "tn_total", "csq_total", "oxidative", "glycolytic", "heads",
    "tau_tubule",
)  # fmt: skip
# parameter -> (low, high, why)
RANGES = {
    "tau_blood": (30e3, 60e3, "ms, wash-out of the interstitium, muscle.md 10"),
    "kappa_m": (0.15, 1.0, "charge at K channels, nerve.md 2.2"),
}
# number of the junction -> (low, high, why)
JUNCTIONS = {
    "k_ca": (0.4, 0.6, "mM, muscle.md 1.1, 0.5 +- 20 %"),
    "k_mg": (2.0, 2.97, "mM, the two human rows of muscle.md 1.1"),
    "power": (2.5, 3.5, "rat 2.7-3, frog 3.8, muscle.md 1.1"),
}
STREAM = 7  # of the seed: the fibre's own hypercube
MINIATURES = 8  # of the seed: when single quanta arrive
OCCASIONS = 4.0  # 1/s: times at which single quanta may arrive

STEP_K = 0.5  # mM: steps in which outside potassium is led to a dose


def reaching(piece: Kicks | Step, draws: np.ndarray) -> Kicks | Step:
    """Return what a piece of the protocol of all draws is for some of them."""
    if isinstance(piece, Step):
        return piece
    return replace(piece, times=piece.times[draws], amounts=piece.amounts[draws])


class FibreBench:
    """Runs of one population of fibres; what was run once is kept.

    Doses hold parameters of the fibre. Results are dicts of arrays over draws.
    """

    def __init__(
        self, model: Model, size: int, seed: int, tick: Callable | None = None,
        shelf: Shelf | None = None,
    ):  # fmt: skip
        from scipy.stats import qmc

        width = len(SPREAD) + len(RANGES) + len(JUNCTIONS)
        rng = np.random.default_rng((seed, STREAM))
        columns = iter(qmc.LatinHypercube(width, rng=rng).random(size).T)
        values = {}
        for base in SPREAD:
            factor = 0.8 + 0.4 * next(columns)
            for name, param in model.parameters.items():
                if name in (base, f"{base}_tubule"):
                    values[name] = param.value * factor
        for name, (low, high, _) in RANGES.items():
            values[name] = low + (high - low) * next(columns)
        drawn = {
            name: low + (high - low) * next(columns)
            for name, (low, high, _) in JUNCTIONS.items()
        }
        self.junctions: tuple[Junction, ...] = tuple(
            replace(HUMAN, **{name: float(v[k]) for name, v in drawn.items()})
            for k in range(size)
        )
        self.junction: Any = replace(HUMAN, **drawn)  # all of them in one, as arrays
        self.model, self.population = model, Population(values, seed)
        self.inner = Bench(model, self.population, tick, shelf=shelf)

    def of(self, kind: str, dose: Mapping[str, Any], make: Callable) -> dict:
        """Return what a kind of run at a dose gave, run the first time."""
        return self.inner.once(kind, dict(dose), make)

    def at(self, dose: Mapping[str, Any]) -> Model:
        """Return the model with every draw at a dose, along ``run``."""
        return crossed(self.model, self.population, [dict(dose)])

    def quanta(self, times: np.ndarray, bath: Mapping[str, Any]) -> np.ndarray:
        """Return what each draw's terminal releases at each impulse, (draws, times)."""
        size = len(self.junctions)
        ca, mg = (
            np.broadcast_to(bath.get(name, healthy), size)
            for name, healthy in (("ca_o", CA), ("mg_o", MG))
        )
        rows = np.broadcast_to(times, (size, np.shape(times)[-1]))
        sent = transmit(rows, ca_o=ca, mg_o=mg, preset=self.junction)
        return np.nan_to_num(sent.quanta)

    def miniatures(
        self, bath: Mapping[str, Any], until: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return when single quanta arrive, ms, how many, and how often.

        The times, (quanta,), up to ``until``, come at ``OCCASIONS`` per second for all
        draws. Each draw takes as large a share of them, by chance, as its rate asks
        for: a Poisson process of its own, yet a run needs short steps at few times.
        Quanta are 0 or 1, (draws, quanta), rates 1/s, (draws,).
        """
        given = {n: bath[n] for n in ("ca_o", "mg_o", "k_o") if n in bath}
        rates = miniature_rate(**given, preset=self.junction)
        rng = np.random.default_rng((self.population.seed, MINIATURES))
        most = max(OCCASIONS, rates.max())
        times = np.sort(rng.uniform(0.0, until, rng.poisson(1e-3 * most * until)))
        there = most * rng.random((rates.size, times.size)) < rates[:, None]
        return times, there.astype(float), rates

    def start(self, dose: Mapping[str, Any]) -> np.ndarray:
        """Return the buffer of all draws at rest in the bath of a dose.

        Potassium is led there in small steps, so that a fibre keeps the polarised rest
        for as long as it has one: nobody loses half their potassium in a second. All
        ions of the cell have come to rest too, as after days.
        """

        def make(dose):
            ensemble = spread(self.at(dose))
            x, able = rest_buffer(at_reference(ensemble))
            x[:, ~able] = np.nan
            x = applied(ensemble, x)
            row = rows_of(ensemble.model).shared_rows["k_o"] // ROW
            begin, end = self.model.parameters["k_o"].value, x[row].copy()
            steps = int(np.ceil(np.abs(end - begin).max() / STEP_K)) or 1
            for share in np.arange(1, steps + 1) / steps:
                x[row] = begin + share * (end - begin)
                found = settle(ensemble.model, x)
                x[:, ~found] = np.nan
            rests = np.flatnonzero(np.isfinite(x).all(axis=0))
            here = np.ascontiguousarray(x[:, rests])
            x[:, rests[~is_stable(ensemble.model, here)]] = np.nan
            return {"x": x}

        return self.of("fibre_start", dose, make)["x"]

    def run(
        self, dose: Mapping[str, Any], times: np.ndarray, until: float, *,
        direct: bool = False, junction: Mapping[str, Any] | None = None,
        sent: np.ndarray | None = None,
        record: tuple[str, ...] = ("force", "ca"), every: float = 2.0,
    ) -> dict[str, np.ndarray]:  # fmt: skip
        """Run all draws at a dose under a train of impulses of the nerve.

        Parameters
        ----------
        times : of the impulses, ms, (impulses,) or (draws, impulses), NaN-padded; may
            be empty. until : ms. direct : stimulate the fibre itself, all at once.
        junction : bath of the terminal, if not that of the dose. sent : quanta of each
            impulse, if not what the terminal releases. record : states and derived
            quantities, every ms.

        Returns
        -------
        ``time`` (times,), each recorded name (draws, times), ``spike_time`` (draws,
        spikes), NaN for a draw that did not rest before the run.
        """
        ensemble = spread(self.at(dose))
        pieces: list[Any] = []
        arrive = times if direct else times + DELAY
        if direct:
            amplitude, width = PULSE
            pieces = [Step(amplitude, t, t + width) for t in times]
        elif np.isfinite(times).any():
            if sent is None:
                sent = self.quanta(times, dose if junction is None else junction)
            pieces = [Kicks("ach", np.broadcast_to(arrive, sent.shape), sent)]
        come = np.sort(arrive[np.isfinite(arrive)])
        known = {**rows_of(ensemble.model).states, **current_rows(ensemble.model)}
        rows = recorded(ensemble.model, record, known)
        wanted, start = Wanted(rows, every, spikes=True), self.start(dose)
        table = timetable([*pieces, *paces(come, until)], until, STEP)
        found = run(ensemble, start, table, wanted)
        values, spikes = found.samples, found.spikes
        late = np.flatnonzero(fires_late(spikes, come))
        if late.size:
            begin = np.ascontiguousarray(start[:, late])
            table = timetable([reaching(p, late) for p in pieces], until, STEP)
            anew = run(part(ensemble, late), begin, table, wanted)
            values[late] = [  # short steps have samples in between as well
                [np.interp(found.time, anew.time, one) for one in draw]
                for draw in anew.samples
            ]
            spikes = with_rows(spikes, late, anew.spikes)
        samples = along_runs(ensemble, rows, values, record)
        named = {name: samples[:, k] for k, name in enumerate(record)}
        return named | {"time": found.time, "spike_time": spikes}

    def rest(self, dose: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Return v [mV], ca [uM], force and ions of the fibre at rest, (draws,)."""
        x, model = self.start(dose), self.model
        rows = rows_of(model).states
        names = ("v", "ca", "strong", "k_i", "na_i", "k_t", "atp", "pcr", "pi")
        found = {n: x[rows[n] // ROW] for n in names}
        most = model.parameters["strong_max"].value
        return found | {"force": found.pop("strong") / most}

    def excitability(self, dose: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Return rest [mV] and threshold of 1 ms [uA/cm2] of the fibre, (draws,)."""

        def make(dose):
            ensemble = spread(self.at(dose))
            x = self.start(dose)
            able = np.isfinite(x.sum(axis=0))
            found = threshold_from(ensemble, x, able, 1.0, STEP, AFTER)
            v = x[rows_of(ensemble.model).states["v"] // ROW]
            return {"rest": v, "threshold": found}

        return self.of("fibre_excitability", dose, make)

    def course(
        self, dose: Mapping[str, Any], *, direct: bool = False,
        junction: Mapping[str, Any] | None = None,
    ) -> dict[str, np.ndarray]:  # fmt: skip
        """Return what a twitch, a second at 30 Hz and one at 10 Hz show, (draws,).

        twitch, rt50 [ms], time_to_peak [ms], force30, force10 (peaks), half30 [ms,
        after the last impulse of 30 Hz], residual [% of peak, 200 ms after that train],
        rest_force, transmission (fibre spikes per axon spike), after (fibre spikes from
        50 ms after the last impulse at 30 Hz on).
        """
        kind = "fibre_course" + "_direct" * direct
        key = dict(dose) | {f"terminal_{n}": v for n, v in (junction or {}).items()}

        def make(_):
            times = course_times()
            found = self.run(
                dose, times, END, direct=direct, junction=junction,
                record=("force",), every=0.5,
            )  # fmt: skip
            return course_features(found, times)

        return self.of(kind, key, make)

    def work(self, dose: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Return what a minute of 30 Hz, 1 s on and 1 s off, leaves, (draws,).

        fresh, end (peak of first and last second), rt50_fresh, rt50_end [ms],
        rest_force (1 s after the last second), pcr, atp [mM], pi [mM] at its end.
        """

        def make(dose):
            times = work_times()
            record = ("force", "pcr", "atp", "pi")
            until = times[-1] + 700.0
            found = self.run(dose, times, until, record=record, every=5.0)
            return work_features(found, times)

        return self.of("fibre_work", dose, make)
