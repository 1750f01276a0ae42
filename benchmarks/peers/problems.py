"""The workloads: what is swept, for how long, and what the peers are told of it.

Peers get the quantities that neurosim derives from a bath (reversal potentials, gate
shifts, temperature factors) ready-made, so that they need no code for them.
"""

from dataclasses import dataclass
from math import pi

import numpy as np
from scipy.stats import qmc

from neurosim.models import MOTOR_AXON, MOTOR_CABLE, SQUID_AXON
from neurosim.models.axon_unit import (
    CM,
    NODE_LENGTH,
    RESISTIVITY,
    parts_of,
    speed_1,
    speed_2,
    speed_3,
)
from neurosim.physics.ions import nernst, q10
from neurosim.physics.surface_charge import gate_shift, huxley_shift

SEED = 20  # of the Latin hypercubes
PULSES = {"width": 0.1, "period": 5.0, "start": 1.0}  # ms, of the axon workloads
AMPLITUDE = {  # nA per whole node: little above threshold; three times threshold
    "motor_axon": 0.5, "motor_cable": 1.5,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A workload; ms and mV. ``ranges`` of a Latin hypercube, by parameter."""

    title: str
    model: str
    size: int
    duration: float
    level: float
    start: float
    ranges: dict
    checked: int  # the first so many runs have a reference


HH = {"model": "squid_axon", "level": 0.0, "start": -65.0}
AXON_RANGES = {  # mM and degC around the healthy bath
    "na_o": (130.0, 150.0), "k_o": (3.0, 5.5), "ca_o": (0.8, 1.6), "mg_o": (0.2, 1.0),
    "temperature": (34.0, 39.0),
}  # fmt: skip
AXON = {"level": -20.0, "start": -85.0, "ranges": AXON_RANGES}
PROBLEMS = {
    "W1": Problem(
        title="Hodgkin-Huxley patch, 1000 currents, 1 s", size=1000, duration=1000.0,
        ranges={"current": (0.0, 20.0)}, checked=32, **HH,
    ),
    "W2": Problem(
        title="Hodgkin-Huxley patch, Na, K, Ca, temperature and current at random, 1 s",
        size=10_000, duration=1000.0, checked=40, **HH,
        ranges={
            "na_o": (300.0, 550.0), "k_o": (8.0, 28.0), "ca_o": (20.0, 90.0),
            "temperature": (3.0, 16.0), "current": (0.0, 25.0),
        },
    ),
    "W3": Problem(
        title="motor axon, half internode, in baths at random, pulses at 200 Hz",
        model="motor_axon", size=1000, duration=100.0, checked=8, **AXON,
    ),
    "W4": Problem(
        title="motor fibre of 21 nodes, double cable, in baths at random, impulses",
        model="motor_cable", size=128, duration=14.0, checked=8, **AXON,
    ),
    "W5": Problem(
        title="Hodgkin-Huxley patch, fluctuating current, 1 s",
        size=1000, duration=1000.0, ranges={"current": (7.0, 15.0)}, checked=0, **HH,
    ),
}  # fmt: skip
MODELS = {"motor_axon": MOTOR_AXON, "motor_cable": MOTOR_CABLE}


def inputs_of(name: str) -> dict[str, np.ndarray]:
    """Return one value per run of everything a peer may need.

    Any first part of the runs is a fair sample of all of them.
    """
    problem = PROBLEMS[name]
    low, high = np.array(list(problem.ranges.values())).T
    if len(problem.ranges) == 1:  # an even grid, in the order of van der Corput
        order = np.argsort(qmc.Halton(1, scramble=False).random(problem.size)[:, 0])
        unit = np.empty(problem.size)
        unit[order] = np.linspace(0.0, 1.0, problem.size)
        draws = unit[:, None]
    else:
        draws = qmc.LatinHypercube(len(problem.ranges), rng=SEED).random(problem.size)
    swept = dict(zip(problem.ranges, (low + draws * (high - low)).T, strict=True))
    derive = squid_inputs if problem.model == "squid_axon" else axon_inputs
    return derive(swept, problem.size)


def squid_inputs(swept: dict, size: int) -> dict[str, np.ndarray]:
    """Add to swept values what a squid axon derives from them."""
    p = SQUID_AXON.parameters
    names = ("na_o", "k_o", "ca_o", "temperature", "na_i", "k_i", "ca_slope")
    b = {n: np.broadcast_to(swept.get(n, p[n].value), size) for n in names}
    e_na = nernst(b["na_o"], b["na_i"], 1.0, b["temperature"])
    e_k = nernst(b["k_o"], b["k_i"], 1.0, b["temperature"])
    shift = huxley_shift(b["ca_o"], b["ca_slope"], p["ca_reference"].value)
    speed = each(q10, 3.0, b["temperature"], 6.3)
    return {**b, **swept, "e_na": e_na, "e_k": e_k, "shift": shift, "speed": speed}


def axon_inputs(swept: dict, size: int) -> dict[str, np.ndarray]:
    """Add to swept values what a motor axon derives from them."""
    t = swept["temperature"]
    p = MOTOR_AXON.parameters
    warm = nernst(np.e, 1.0, 1.0, t)  # RT/F
    e_na = p["e_na_rest"].value + warm * np.log(swept["na_o"] / 140.0)
    e_k = p["e_k_rest"].value + warm * np.log(swept["k_o"] / 4.0)
    bath = {n: swept[n] for n in ("na_o", "k_o", "ca_o", "mg_o")}
    shift = gate_shift(**bath, temperature=t)
    return {
        **swept, "e_na": e_na, "e_k": e_k, "e_h": 0.749 * e_k + 0.251 * e_na,
        "na_shift": shift, "k_shift": p["kappa"].value * shift,
        "leak": np.sqrt(swept["k_o"] / 4.0), "speed_1": each(speed_1, t),
        "speed_2": each(speed_2, t), "speed_3": each(speed_3, t),
    }  # fmt: skip


def each(function, *arguments) -> np.ndarray:
    """Call a scalar function with every element."""
    return np.vectorize(function, otypes=[float])(*arguments)


def job_of(name: str, duration: float | None = None) -> dict:
    """Return what a peer is told of a workload, without settings and places."""
    problem = PROBLEMS[name]
    job = {
        "workload": name, "model": problem.model, "level": problem.level,
        "start": problem.start, "duration": duration or problem.duration,
    }  # fmt: skip
    if problem.model in MODELS:
        count = int((job["duration"] - PULSES["start"]) // PULSES["period"]) + 1
        share = MODELS[problem.model].geometry.stimulus_share
        amplitude = AMPLITUDE[problem.model]
        own = {"amplitude": amplitude, "count": count, "share": share}
        job |= {"pulses": {**PULSES, **own}}
        job |= {"sections": sections(problem.model), "densities": densities()}
        last = MODELS[problem.model].detect_at
        job["detect_at"] = [s["name"] for s in job["sections"]].index(last or "node")
    return job


def sections(model: str, fibre: float = 10.0) -> list[dict]:
    """Return the pieces of a double cable in NEURON's units, from the same table.

    um; xraxial in MOhm/cm, xg in S/cm2, xc in uF/cm2 of axolemma.
    """
    geometry = MODELS[model].geometry
    names = geometry.pieces or ("node", "mysa", "flut", "stin1", "stin2", "stin3")
    found = []
    for name, row in zip(names, geometry.table, strict=True):
        kind = name.rstrip("0123456789")
        part = parts_of(fibre)[kind]
        half = model == "motor_axon" and kind == "node"
        length = 0.5 * NODE_LENGTH if half else part.length
        area = pi * part.diameter * length * CM**2
        inner = 0.5 * part.diameter
        ring = pi * ((inner + part.gap) ** 2 - inner**2) * CM**2
        found.append({
            "name": name, "kind": kind, "length": length, "diameter": part.diameter,
            "covered": part.covered, "xraxial": 1e-6 * RESISTIVITY / ring,
            "xg": 1e-6 * row[4] / area, "xc": 1e-3 * row[5] / area,
        })  # fmt: skip
    return found


def densities() -> dict[str, dict[str, float]]:
    """Return the conductances [S/cm2] of each kind of piece."""
    p = MOTOR_AXON.parameters
    kinds = {"node": "", "mysa": "_mysa", "flut": "_internode", "stin": "_internode"}
    names = ("g_naf", "g_nap", "g_ks", "g_kf", "g_hcn", "g_l")
    return {
        kind: {n: 1e-3 * p[n + end].value for n in names if n + end in p}
        for kind, end in kinds.items()
    }
