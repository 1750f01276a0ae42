"""Force of a fibre that its nerve drives, one ion short.

The bath is that of the terminal and of the fibre; the nerve fires as it is told.
"""

from dataclasses import replace

import numpy as np

from neurosim.claims.criteria import inside_rule, ratio_rule, share_rule
from neurosim.claims.fibre import FibreBench
from neurosim.claims.judge import IONS, Judged, band, doses_of, part, response
from neurosim.claims.population import Bench
from neurosim.claims.transmission import assumed, quanta
from neurosim.junction import CA

CA_LADDER = (CA, 1.15, 1.05, 0.95, 0.8, 0.65)  # mM ionised, of the figure of C38
SALTY = 160.0  # mM, notes of C48


def paradox_of_calcium(bench: Bench) -> Judged:
    """C38, muscle part: quanta, force and transmission at low calcium."""
    dose = doses_of("C38")[""]
    found = quanta(bench, [{"ca_o": ca_o} for ca_o in CA_LADDER])
    ratios = found / found[0]
    content = ratio_rule(ratios[CA_LADDER.index(dose["ca_o"])], 0.90, "down")
    healthy, dosed = bench.fibres.course({}), bench.fibres.course(dose)
    force = dosed["force30"] / healthy["force30"]
    carried = dosed["transmission"]
    passing = np.where(np.isfinite(carried), carried >= 0.99, np.nan)
    through = share_rule(passing, seed=bench.population.seed)
    words = (
        f"median {np.nanmedian(carried):.3g}, lowest {np.nanmin(carried):.3g}; 0.99 or "
        f"more {through.reason}"
    )
    parts = [
        part(bench, assumed(content), "C38", name="m", unit="ratio",
             figure="C38_m.svg"),
        part(bench, inside_rule(force, 0.95, 1.05), "C38", name="force30", unit="ratio",
             figure="C38_force30.svg"),
        part(bench, replace(through, reason=words), "C38", name="transmission",
             unit="share of draws"),
    ]  # fmt: skip
    pictures = [
        response("C38_m", CA_LADDER, ratios, (1.0, 1.0), IONS["ca_o"],
                 "quanta of an impulse / reference", 0.90,
                 "C38: low calcium and release"),
        response("C38_force30", (CA, dose["ca_o"]), np.stack([force / force, force]),
                 spread_of(healthy["force30"]), IONS["ca_o"],
                 "force of 30 Hz / reference", 0.95, "C38: low calcium and force"),
    ]  # fmt: skip
    return parts, pictures


def spread_of(healthy: np.ndarray) -> tuple[float, float]:
    """Return how far healthy draws differ, relative to their median."""
    return band(healthy / np.nanmedian(healthy))


def swollen(bench: Bench, na_o: float) -> FibreBench:
    """Return the same fibres with the ions of the cell diluted by water."""
    thinner = (2.0 * na_o + 10.0) / 290.0  # osmolality, mM; notes of C48
    fibres, ions = bench.fibres, ("k_i", "na_i", "cl_i")
    states = tuple(
        replace(s, initial=s.initial * thinner) if s.name in ions else s
        for s in fibres.model.states
    )
    model = replace(fibres.model, states=states)
    size, seed = bench.population.size, bench.population.seed
    return FibreBench(model, size, seed, bench.tick, bench.shelf)


def low_sodium_weakens_muscle(bench: Bench) -> Judged:
    """C48, muscle part: force of the driven fibre at low sodium."""
    dose = doses_of("C48")[""]
    healthy = bench.fibres.course({})["force30"]
    found = {
        "dose": bench.fibres.course(dose)["force30"],
        "high": bench.fibres.course({"na_o": SALTY})["force30"],
        "swollen": swollen(bench, dose["na_o"]).course(dose)["force30"],
    }
    ratio = {name: force / healthy for name, force in found.items()}
    outcome = ratio_rule(ratio["dose"], 0.95, "down")
    reason = (
        f"{outcome.reason}; with the cell's ions diluted "
        f"{np.nanmedian(ratio['swollen']):.3g}, at Na {SALTY:g} mM "
        f"{np.nanmedian(ratio['high']):.3g}"
    )
    judged = part(
        bench, replace(outcome, reason=reason), "C48", name="force30", unit="ratio",
        figure="C48_force30.svg",
    )  # fmt: skip
    whole = np.stack([ratio["high"], healthy / healthy, ratio["dose"]])
    picture = response(
        "C48_force30", (SALTY, 140.0, dose["na_o"]), whole, spread_of(healthy),
        IONS["na_o"], "force of 30 Hz / reference", 0.95,
        "C48: sodium and the force of a fibre",
    )  # fmt: skip
    return [judged], [picture]


EVALUATED = {"C38": paradox_of_calcium, "C48": low_sodium_weakens_muscle}
