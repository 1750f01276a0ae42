"""NEURON and CoreNEURON: a section per patch, or the double cable by ``extracellular``.

W1 uses the built-in ``hh`` (with its table of rates, unless told otherwise), the other
workloads the mechanisms of ``mod_neuron``. Spikes are those NEURON records: on the grid
of time steps with a fixed step.
"""

import os
import sys
from math import pi
from pathlib import Path

from worker import serve, sorted_trains

SIDE = 10.0  # um, length and diameter of a patch
NODE = ("e_na", "e_k", "na_shift", "k_shift", "speed_1", "speed_2", "speed_3", "leak")
INTERNODE = ("e_k", "e_h", "k_shift", "speed_3", "leak")


def patch(h, job, values):
    """Return a one-compartment cell and its stimulus."""
    section = h.Section(name="patch")
    section.L = section.diam = SIDE
    section.nseg, section.cm = 1, 1.0
    if job["workload"] == "W1" and "bath" not in job["settings"]:
        section.insert("hh")
        section.el_hh, section.ena, section.ek = -54.387, 50.0, -77.0
    else:
        section.insert("hhbath")
        for name in ("e_na", "e_k", "shift", "speed"):
            setattr(section(0.5), f"{name}_hhbath", float(values[name]))
    current = h.IClamp(section(0.5))
    current.delay, current.dur = 0.0, 1e9
    current.amp = float(values["current"]) * pi * SIDE**2 * 1e-5  # uA/cm2 um2 -> nA
    return [section], [current]


def fibre(h, job, values):
    """Return the sections of a double cable and its stimuli."""
    found = []
    for piece in job["sections"]:
        section = h.Section(name=piece["name"])
        section.L, section.diam, section.nseg = piece["length"], piece["diameter"], 1
        section.Ra, section.cm = 70.0, 2.0
        kind = "motornode" if piece["kind"] == "node" else "motorinternode"
        section.insert(kind)
        segment = section(0.5)
        for name in NODE if kind == "motornode" else INTERNODE:
            setattr(segment, f"{name}_{kind}", float(values[name]))
        for name, value in job["densities"][piece["kind"]].items():
            setattr(segment, f"{name}_{kind}", value)
        section.insert("extracellular")
        covered = piece["covered"]
        section.xraxial[0] = piece["xraxial"]
        section.xg[0] = piece["xg"] if covered else 1e10
        section.xc[0] = piece["xc"] if covered else 0.0
        if found:
            section.connect(found[-1](1.0), 0.0)
        found.append(section)
    pulses, stimuli = job["pulses"], []
    for k in range(pulses["count"]):
        current = h.IClamp(found[0](0.5))
        current.delay = pulses["start"] + k * pulses["period"]
        current.dur = pulses["width"]
        current.amp = pulses["amplitude"] * pulses["share"]
        stimuli.append(current)
    return found, stimuli


def prepare(job, inputs):
    """Build every cell."""
    settings = job["settings"]
    from neuron import h, load_mechanisms

    home = Path(sys.executable).parent.parent
    load_mechanisms(str(home), warn_if_already_loaded=False)
    if settings.get("coreneuron"):
        from neuron import coreneuron

        library = next(home.glob("*/libcorenrnmech*"))
        os.environ["CORENEURONLIB"] = str(library)
        coreneuron.enable, coreneuron.verbose = True, 0
    pc = h.ParallelContext()
    build, size = patch if job["model"] == "squid_axon" else fibre, job["n"]
    cells, kept = [], []
    for k in range(size):
        sections, stimuli = build(h, job, {n: v[k] for n, v in inputs.items()})
        watched = sections[job.get("detect_at", 0)]
        detector = h.NetCon(watched(0.5)._ref_v, None, sec=watched)
        detector.threshold = job["level"]
        pc.set_gid2node(k, 0)
        pc.cell(k, detector)
        cells.append(sections)
        kept += [*stimuli, detector]
    times, runs = h.Vector(), h.Vector()
    pc.spike_record(-1, times, runs)
    if build is patch:  # extracellular runs on one thread only
        pc.nthread(len(job["cores"]))
    h.celsius = 6.3
    if "tolerance" in settings:
        solver = h.CVode()
        solver.active(True)
        solver.use_local_dt(int(settings.get("local", True)))
        solver.atol(settings["tolerance"])
        solver.rtol(settings["tolerance"])
        kept.append(solver)
    else:
        h.dt = settings["dt"]
        h.secondorder = settings.get("secondorder", 0)
    if hasattr(h, "usetable_hh"):
        h.usetable_hh = int(settings.get("table", True))
    pc.set_maxstep(10)

    def run():
        times.resize(0)
        runs.resize(0)
        h.finitialize(job["start"])
        pc.psolve(job["duration"])
        found = times.as_numpy().copy(), runs.as_numpy().copy()
        return lambda: sorted_trains(*found, size)

    run.kept = (cells, kept, pc)
    return run


if __name__ == "__main__":
    serve(prepare, ("neuron", "numpy"))
