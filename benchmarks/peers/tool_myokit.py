"""Myokit: CVODES, one compiled simulation reset for every run.

Spikes are found by CVODES' own root finding. On several cores the runs are dealt out to
as many processes.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from worker import serve

NAMES = ("current", "e_na", "e_k", "shift", "speed")
MODEL = """[[model]]
axon.v = -65
axon.m = 0.05
axon.h = 0.6
axon.n = 0.3

[engine]
time = 0 bind time

[axon]
current = 0
e_na = 50
e_k = -77
shift = 0
speed = 1
u = v + shift
linexp_m = if(abs(u + 40) < 1e-6, 1 + (u + 40)/20, (u + 40)/10/(1 - exp(-(u + 40)/10)))
linexp_n = if(abs(u + 55) < 1e-6, 1 + (u + 55)/20, (u + 55)/10/(1 - exp(-(u + 55)/10)))
dot(v) = current - 120*m^3*h*(v - e_na) - 36*n^4*(v - e_k) - 0.3*(v + 54.387)
dot(m) = speed*(linexp_m*(1 - m) - 4*exp(-(u + 65)/18)*m)
dot(h) = speed*(0.07*exp(-(u + 65)/20)*(1 - h) - h/(1 + exp(-(u + 35)/10)))
dot(n) = speed*(0.1*linexp_n*(1 - n) - 0.125*exp(-(u + 65)/80)*n)
"""
HERE = {}  # the compiled simulation of this process


def steady(v, shift):
    """Return the start: v and gates at their steady state."""
    u = v + shift
    pairs = (
        (
            (u + 40.0) / 10.0 / -np.expm1(-(u + 40.0) / 10.0),
            4.0 * np.exp(-(u + 65) / 18),
        ),
        (0.07 * np.exp(-(u + 65) / 20), 1.0 / (1.0 + np.exp(-(u + 35) / 10))),
        (
            0.1 * (u + 55) / 10 / -np.expm1(-(u + 55) / 10),
            0.125 * np.exp(-(u + 65) / 80),
        ),
    )
    return [v, *(a / (a + b) for a, b in pairs)]


def build(tolerance):
    """Compile the simulation."""
    import myokit

    model = myokit.parse_model(MODEL)
    HERE["none"] = myokit.LOG_NONE
    HERE["simulation"] = simulation = myokit.Simulation(model)
    simulation.set_tolerance(abs_tol=tolerance, rel_tol=tolerance)


def one(job, p):
    """Run one set of parameters and return its spikes."""
    simulation = HERE["simulation"]
    for name, value in zip(NAMES, p, strict=True):
        simulation.set_constant(f"axon.{name}", value)
    simulation.set_default_state(steady(job["start"], p[3]))
    simulation.reset()
    _, found = simulation.run(
        job["duration"], log=HERE["none"], apd_variable="axon.v",
        apd_threshold=job["level"],
    )  # fmt: skip
    return list(found["start"])


def several(job, parameters):
    """Run several sets."""
    return [one(job, p) for p in parameters]


def prepare(job, inputs):
    """Compile, once in every process."""
    parameters = np.transpose([inputs[name] for name in NAMES]).tolist()
    tolerance, cores = job["settings"]["tolerance"], len(job["cores"])
    if cores == 1:
        build(tolerance)

        def run():
            trains = several(job, parameters)
            return lambda: trains

        return run
    pool = ProcessPoolExecutor(cores, get_context("fork"), build, (tolerance,))
    parts = [parameters[k::cores] for k in range(cores)]

    def run_all():
        found = list(pool.map(several, cores * [job], parts))

        def read():
            trains = [[]] * len(parameters)
            for k, part in enumerate(found):
                trains[k::cores] = part
            return trains

        return read

    run_all()
    return run_all


if __name__ == "__main__":
    serve(prepare, ("myokit", "numpy"))
