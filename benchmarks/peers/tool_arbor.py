"""Arbor: one-compartment cells in groups as large as the vector unit likes.

W1 uses the built-in ``hh``, W2 the mechanism of ``mod_arbor``. Arbor interpolates the
times at which a threshold is crossed.
"""

import sys
from math import pi
from pathlib import Path

from worker import serve, sorted_trains

SIDE = 10.0  # um, length and diameter of a patch


def prepare(job, inputs):
    """Build the recipe and the simulation."""
    import arbor
    from arbor import units as U

    settings = job["settings"]
    catalogue = arbor.default_catalogue()
    home = Path(sys.executable).parent.parent
    catalogue.extend(arbor.load_catalogue(str(home / "peers-catalogue.so")), "")
    tree = arbor.segment_tree()
    ends = arbor.mpoint(0, 0, 0, SIDE / 2), arbor.mpoint(0, 0, SIDE, SIDE / 2)
    tree.append(arbor.mnpos, *ends, tag=1)
    morphology = arbor.morphology(tree)

    def cell_of(k):
        if job["workload"] == "W1" and "bath" not in settings:
            # its parameters: S/cm2 and mV
            density = arbor.density("hh", {"el": -54.387})
        else:
            names = ("e_na", "e_k", "shift", "speed")
            density = arbor.density("hhbath", {n: float(inputs[n][k]) for n in names})
        amplitude = float(inputs["current"][k]) * pi * SIDE**2 * 1e-5  # nA
        decor = arbor.decor()
        decor.set_property(Vm=job["start"] * U.mV, cm=0.01 * U.F / U.m2)
        decor.set_property(tempK=(6.3 + 273.15) * U.Kelvin)
        decor.set_ion("na", rev_pot=50.0 * U.mV).set_ion("k", rev_pot=-77.0 * U.mV)
        decor.paint("(all)", density)
        decor.place("(location 0 0.5)", arbor.i_clamp(amplitude * U.nA))
        detector = arbor.threshold_detector(job["level"] * U.mV)
        decor.place("(location 0 0.5)", detector, "detector")
        return arbor.cable_cell(morphology, decor)

    class Patches(arbor.recipe):
        """All runs."""

        def __init__(self):
            arbor.recipe.__init__(self)
            self.properties = arbor.neuron_cable_properties()
            self.properties.catalogue = catalogue

        def num_cells(self):
            """Return how many there are."""
            return job["n"]

        def cell_kind(self, gid):
            """Return the kind of a cell."""
            return arbor.cell_kind.cable

        def cell_description(self, gid):
            """Return a cell."""
            return cell_of(gid)

        def global_properties(self, kind):
            """Return what all cells share."""
            return self.properties

    threads = len(job["cores"])
    context = arbor.context(threads=threads)
    recipe = Patches()
    group = min(settings.get("group", 128), -(-job["n"] // threads))
    hint = arbor.partition_hint(cpu_group_size=group)
    parts = arbor.partition_load_balance(recipe, context, {arbor.cell_kind.cable: hint})
    simulation = arbor.simulation(recipe, context, parts)
    simulation.record(arbor.spike_recording.local)
    duration, dt = job["duration"] * U.ms, settings["dt"] * U.ms

    def run():
        simulation.reset()
        simulation.run(tfinal=duration, dt=dt)

        def read():
            found = simulation.spikes()
            return sorted_trains(found["time"], found["source"]["gid"], job["n"])

        return read

    return run


if __name__ == "__main__":
    serve(prepare, ("arbor", "numpy"))
