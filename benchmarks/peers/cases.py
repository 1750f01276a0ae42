"""What is run on each workload: every tool with settings its experts would choose.

A tool appears with several settings, so that its cost can be read off at the accuracy
asked for; nothing is chosen by hand. ``n`` runs are timed and scaled; costs are linear
in them, and slow tools get few.
"""

from dataclasses import dataclass, replace

ACCURACY = 0.01  # ms: median error of the last spike at which tools are compared


@dataclass(frozen=True, slots=True)
class Case:
    """One way of running a workload.

    label : whom it stands for in the tables. tool : script ``tool_<tool>.py``.
    environment : of ``setup.py``. step : belongs to the comparison at one time step.
    quick : also part of ``--quick``.
    """

    label: str
    tool: str
    environment: str
    settings: dict
    n: int
    step: bool = False
    quick: bool = False


def neurosim(n: int, *settings: dict, **flags: bool) -> list[Case]:
    """Return cases of neurosim, all of them quick."""
    flags = {"quick": True, **flags}
    return [Case("neurosim", "neurosim", "neurosim", s, n, **flags) for s in settings]


def of(
    label: str, tool: str, n: int, *settings: dict, quick: bool = True, step=False
) -> list[Case]:
    """Return cases of a peer; the last of them is one of ``--quick``, unless not."""
    found = [Case(label, tool, tool, s, n, step) for s in settings]
    return [*found[:-1], replace(found[-1], quick=quick)]


def steps(*values: float, **more) -> list[dict]:
    """Return settings with these time steps."""
    return [{"dt": dt, **more} for dt in values]


def tolerances(name: str, *values: float, **more) -> list[dict]:
    """Return settings with these tolerances."""
    return [{name: value, **more} for value in values]


STAGGERED = {"solver": "staggered"}
ADAPTIVE = {"solver": "adaptive"}
EXACT = {"table": False}  # NEURON's hh without its table of rates
SHARED = [  # of W1 and W2: what needs no other settings for the one than for the other
    *of("numbalsoda LSODA", "numbalsoda", 200,
        *tolerances("rtol", 1e-6, 3e-7, 1e-7, method="LSODA")),
    *of("numbalsoda DOP853", "numbalsoda", 200,
        *tolerances("rtol", 1e-6, 1e-5, 1e-3, 3e-4, 3e-5, 1e-4, method="DOP853")),
    *of("diffrax Tsit5", "diffrax", 100,
        *tolerances("rtol", 1e-4, 1e-6, 3e-5, 1e-5, method="Tsit5")),
    *of("diffrax Dopri8", "diffrax", 100,
        *tolerances("rtol", 1e-4, method="Dopri8"), quick=False),
    *of("Myokit CVODES", "myokit", 30,
        *tolerances("tolerance", 1e-5, 3e-6, 1e-7, 1e-6)),
    *of("SciPy LSODA", "scipy", 4,
        *tolerances("rtol", 1e-6, 3e-7, 1e-7, method="LSODA")),
    *of("SciPy DOP853", "scipy", 4, *tolerances("rtol", 1e-4, method="DOP853"),
        quick=False),
    *of("NEURON CVode", "neuron", 30,
        *tolerances("tolerance", 1e-5, 3e-6, 1e-7, 1e-6, **EXACT)),
    *of("NEURON CN", "neuron", 20, *steps(0.00625, 0.003125, secondorder=2, **EXACT),
        quick=False),
    *of("Brian2 rk4", "brian2", 150, *steps(0.025, 0.05, method="rk4")),
    *of("Jaxley CN", "jaxley", 100, *steps(0.0125, 0.005, method="crank_nicolson")),
]  # fmt: skip

CASES = {
    "W1": [
        *neurosim(1000, *steps(0.025, **STAGGERED), step=True),
        *neurosim(1000, *steps(0.05, 0.0125, 0.00625, **STAGGERED)),
        *neurosim(1000, {"solver": "auto"},
                  *tolerances("tolerance", 1e-3, 1e-4, 3e-5, 1e-5, 1e-6, **ADAPTIVE)),
        *of("Arbor", "arbor", 500, *steps(0.025), step=True),
        *of("Arbor", "arbor", 50, *steps(0.001), quick=False),
        *of("Jaxley CN", "jaxley", 300, *steps(0.025, method="crank_nicolson"),
            step=True),
        *of("CoreNEURON", "neuron", 250, *steps(0.025, coreneuron=1), step=True),
        *of("NEURON", "neuron", 150, *steps(0.025), step=True),
        *of("Brian2 exponential Euler", "brian2", 250,
            *steps(0.025, method="exponential_euler"), step=True),
        *SHARED,
    ],
    "W2": [
        *neurosim(10_000, {"solver": "auto"}),
        *neurosim(2000,
                  *tolerances("tolerance", 1e-3, 1e-4, 3e-5, 1e-5, 1e-6, **ADAPTIVE)),
        *neurosim(2000, *steps(0.025, 0.0125, 0.00625, **STAGGERED)),
        *(replace(case, n=max(case.n // 2, 4)) for case in SHARED),
    ],
    "W3": [
        *neurosim(1000, *steps(0.005, **STAGGERED), step=True),
        *neurosim(1000, *steps(0.01, 0.02, **STAGGERED)),
        *of("NEURON", "neuron", 20, *steps(0.005), step=True),
        *of("NEURON", "neuron", 5, *steps(0.00125, 0.0025)),
        *of("NEURON CVode", "neuron", 5, *tolerances("tolerance", 1e-4, local=False)),
    ],
    "W4": [
        *neurosim(128, *steps(0.005, **STAGGERED), step=True),
        *neurosim(128, *steps(0.01, **STAGGERED)),
        *of("NEURON", "neuron", 4, *steps(0.005), step=True),
        *of("NEURON", "neuron", 2, *steps(0.00125, 0.0025)),
    ],
    "W5": [
        *neurosim(1000, *steps(0.025, **STAGGERED),
                  *steps(0.025, sigma=1.0, tau=20.0, **STAGGERED),
                  *steps(0.025, channel_noise=True, **STAGGERED)),
        *of("Brian2 Euler", "brian2", 250, *steps(0.025, method="euler")),
        *of("Brian2 Euler", "brian2", 250,
            *steps(0.025, method="euler", sigma=1.0, tau=20.0)),
    ],
}  # fmt: skip
UNABLE = {  # workload -> tool -> why it is not run
    "W3": {
        "CoreNEURON": "has no extracellular mechanism",
        "Arbor": "has one layer of membrane: no periaxonal space",
        "Jaxley": "has one layer of membrane: no periaxonal space",
        "Brian2": "its cables have one layer of membrane",
        "Myokit, numbalsoda, diffrax, SciPy": "no cable equation of their own",
    },
    "W5": {
        "NEURON, CoreNEURON": "noise is a mechanism one writes oneself",
        "Myokit, numbalsoda, SciPy": "no stochastic equations",
        "Arbor, Jaxley, diffrax": "not asked for by this comparison",
    },
}
UNABLE["W4"] = UNABLE["W3"]
