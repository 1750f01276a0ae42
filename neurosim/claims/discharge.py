"""What the spike trains of a vulnerable axon decide: events, multiplets, discharge.

Events of a healthy pool are too rare to be waited for. So the same axon is taken in
every bath: of each draw the one whose threshold current is 50 pA in the healthy bath
(its gates 3-4 mV nearer to firing), under a drive of 20 pA. It fires about once a
second when healthy.
"""

from dataclasses import replace

import numpy as np

from neurosim.claims.axon import PULSE, STRENGTH, half_width, pulse
from neurosim.claims.criteria import ratio_rule, share_rule
from neurosim.claims.draws import interval
from neurosim.claims.judge import (
    IONS,
    Judged,
    doses_of,
    part,
    response,
)
from neurosim.claims.population import Bench, crossed
from neurosim.claims.verdict import REPORTED, Outcome
from neurosim.pool import NODES
from neurosim.spontaneous import Firing, firing

NEAR = 0.050  # nA, threshold current of the vulnerable axon in the healthy bath
DRIVE = 0.020  # nA, SD of its drive (nerve.md 4)
SECONDS = 20.0  # s of each train: 15-20 events where about one a second is due
MULTIPLETS = 0.10  # share of events, criterion of C34


def vulnerable(bench: Bench) -> np.ndarray:
    """Return by how many mV the gates of each draw's vulnerable axon are nearer."""
    (healthy,) = bench.rates([{}])
    median, nearer = healthy.i_th.T
    slope = (nearer - median) / (NODES[1] - NODES[0])
    return NODES[0] + (NEAR - median) / slope


def trains(bench: Bench, dose: dict) -> Firing:
    """Return what the vulnerable axons do at a dose, each (draws,)."""

    def run(dose: dict) -> Firing:
        model = crossed(
            bench.model, bench.population, [{**dose, "shift": vulnerable(bench)}]
        )
        return firing(model, seconds=SECONDS, sigma=DRIVE, seed=bench.population.seed)

    return bench.once("trains", dose, run, Firing)


def multiplets_of_low_calcium(bench: Bench) -> Judged:
    """C34: share of events that are multiplets at ionised calcium 0.75."""
    ladder = (1.25, 0.75)  # mM ionised, of the ladder of C34
    baths = ({}, {"ca_o": ladder[1]})
    found = np.stack([trains(bench, bath).multiplets for bath in baths])
    met = np.where(np.isfinite(found[-1]), found[-1] >= MULTIPLETS, np.nan)
    outcome = share_rule(met, seed=bench.population.seed)
    usable = found[-1][np.isfinite(found[-1])]
    middle, low, high = interval(usable)
    shares = ", ".join(f"{np.nanmedian(row):.0%}" for row in found)
    outcome = replace(
        outcome, effect=middle, low=low, high=high,
        reason=f"median share {shares} at Ca {', '.join(map(str, ladder))} mM; at "
        f"least 10 % at 0.75 {outcome.reason}",
    )  # fmt: skip
    judged = part(bench, outcome, "C34", name="multiplets", arm="direct",
                  unit="share of events", figure="C34_multiplets.svg")  # fmt: skip
    healthy = found[0][np.isfinite(found[0])]
    picture = response(
        "C34_multiplets", ladder, found, interval(healthy)[1:], IONS["ca_o"],
        "events with two spikes in 25 ms (share)", MULTIPLETS,
        "C34: multiplets of a vulnerable axon",
    )  # fmt: skip
    return [judged], [picture]


def longer_excitation(bench: Bench) -> Judged:
    """C73: spikes per event and width of the spike at low magnesium."""
    dose = doses_of("C73")[""]
    ladder = (0.55, dose["mg_o"])  # mM ionised
    found = np.stack([trains(bench, bath).spikes_per_event for bath in ({}, dose)])
    events = ratio_rule(found[-1] / found[0], 1.10, "up")
    (healthy,) = bench.excitability([{}])
    amplitude = np.tile(STRENGTH * healthy["threshold"], 2)
    traces = pulse(bench, [{}, dose], amplitude, PULSE, shape=True)
    widths = half_width(traces["v"].values, traces["time"].values).reshape(2, -1)
    width = ratio_rule(widths[1] / widths[0], 1.05, "up")
    words = "; the axon has no calcium current, so none of it is calcium entry"
    parts = [
        part(bench, replace(events, reason=events.reason + words), "C73",
             name="spikes_per_event", unit="ratio", figure="C73_spikes_per_event.svg"),
        part(bench, replace(width, reason=width.reason + words), "C73",
             name="ap_width", unit="ratio"),
    ]  # fmt: skip
    finite = found[0][np.isfinite(found[0])]
    picture = response(
        "C73_spikes_per_event", ladder, found, interval(finite)[1:], IONS["mg_o"],
        "spikes per event", None, "C73: spikes per event of a vulnerable axon",
    )  # fmt: skip
    return parts, [picture]


def sustained_discharge(bench: Bench) -> Judged:
    """C14, nerve part: how long the axon's discharges last; force decides."""
    dose = doses_of("C14")["direct"]
    healthy, dosed = trains(bench, {}), trains(bench, dose)
    rate = dosed.rate * dosed.spikes_per_event
    usable = rate[np.isfinite(rate)]
    outcome = Outcome(
        REPORTED, *interval(usable), None,
        f"the vulnerable axon fires {np.median(usable):.2g} spikes per s at the dose, "
        f"{np.nanmedian(healthy.rate * healthy.spikes_per_event):.2g} when healthy; "
        "twitches fuse from about 8 per s on",
    )  # fmt: skip
    return [part(bench, outcome, "C14", name="discharge", arm="direct", unit="1/s")], []


EVALUATED = {
    "C14": sustained_discharge,
    "C34": multiplets_of_low_calcium,
    "C73": longer_excitation,
}
