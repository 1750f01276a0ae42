"""Brian2, C++ standalone: one group of all runs, compiled once, run again and again.

Spike times are interpolated between steps: the monitor also records v before the step.
On several cores as many processes run the one program, each with values of its own.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from worker import serve, sorted_trains

EQUATIONS = """
dv/dt = (current + bath - 120*m**3*h*(v - e_na) - 36*n**4*(v - e_k)
         - 0.3*(v + 54.387))/ms : 1
dm/dt = speed*(a_m*(1 - m) - b_m*m)/ms : 1
dh/dt = speed*(a_h*(1 - h) - b_h*h)/ms : 1
dn/dt = speed*(a_n*(1 - n) - b_n*n)/ms : 1
u = v + shift : 1
a_m = 1/exprel(-(u + 40)/10) : 1
b_m = 4*exp(-(u + 65)/18) : 1
a_h = 0.07*exp(-(u + 65)/20) : 1
b_h = 1/(1 + exp(-(u + 35)/10)) : 1
a_n = 0.1/exprel(-(u + 55)/10) : 1
b_n = 0.125*exp(-(u + 65)/80) : 1
v_before : 1
current : 1 (constant)
e_na : 1 (constant)
e_k : 1 (constant)
shift : 1 (constant)
speed : 1 (constant)
"""
FLUCTUATION = "dbath/dt = -bath/(tau*ms) + sigma*sqrt(2/(tau*ms))*xi : 1\n"
NAMES = ("current", "e_na", "e_k", "shift", "speed")


HERE = {}  # the compiled program of this process


def build(job, inputs, size):
    """Write and compile the program for groups of a size."""
    import brian2 as b

    settings, folder = job["settings"], job["scratch"]
    b.set_device("cpp_standalone", build_on_run=False, directory=folder)
    equations = EQUATIONS
    if settings.get("sigma"):
        equations += FLUCTUATION
    else:
        equations = equations.replace(" + bath", "")
    group = b.NeuronGroup(
        size, equations, method=settings["method"], dt=settings["dt"] * b.ms,
        threshold=f"v > {job['level']}", refractory=f"v > {job['level']}",
        namespace={n: settings[n] for n in ("sigma", "tau") if n in settings},
    )  # fmt: skip
    for name in NAMES:
        setattr(group, name, inputs[name][:size])
    b.device.apply_run_args()
    group.v = job["start"]
    for gate in "mhn":
        setattr(group, gate, f"a_{gate}/(a_{gate} + b_{gate})")
    if settings.get("sigma"):
        group.bath = "sigma*randn()"
    group.run_regularly("v_before = v", dt=settings["dt"] * b.ms, when="start")
    monitor = b.SpikeMonitor(group, variables=["v", "v_before"])
    b.run(job["duration"] * b.ms)
    b.device.build(run=False, directory=folder, with_output=False)
    HERE.update(brian2=b, group=group, monitor=monitor)


def one_part(job, k, values):
    """Run the program with some values; return times, ms, and numbers of its spikes."""
    b, group, monitor = HERE["brian2"], HERE["group"], HERE["monitor"]
    changed = {getattr(group, name): value for name, value in values.items()}
    b.device.run(results_directory=f"part{k}", with_output=False, run_args=changed)
    new, old = np.array(monitor.v), np.array(monitor.v_before)
    share = (job["level"] - old) / (new - old)
    times = np.array(monitor.t / b.ms) + job["settings"]["dt"] * share
    return times, np.array(monitor.i)


def prepare(job, inputs):
    """Compile; on several cores deal the runs out to as many processes."""
    cores, n = len(job["cores"]), job["n"]
    size = -(-n // cores)
    build(job, inputs, size)
    if cores == 1:

        def run():
            found = one_part(job, 0, {})
            return lambda: sorted_trains(*found, n)

        return run
    wide = {name: np.pad(inputs[name], (0, size * cores - n), "edge") for name in NAMES}
    parts = [
        {name: wide[name][k * size : (k + 1) * size] for name in NAMES}
        for k in range(cores)
    ]
    pool = ProcessPoolExecutor(cores, get_context("fork"))

    def run_all():
        found = list(pool.map(one_part, cores * [job], range(cores), parts))

        def read():
            times = np.concatenate([t for t, _ in found])
            runs = np.concatenate([i + k * size for k, (_, i) in enumerate(found)])
            return sorted_trains(times, runs, size * cores)[:n]

        return read

    run_all()
    return run_all


if __name__ == "__main__":
    serve(prepare, ("brian2", "numpy"))
