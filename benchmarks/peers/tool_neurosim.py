"""Neurosim, as a user calls it: ``simulate`` with labels, measures and all."""

from worker import padded, serve

BATH = {
    "squid_axon": ("na_o", "k_o", "ca_o", "temperature", "bias"),
    "motor_axon": ("na_o", "k_o", "ca_o", "mg_o", "temperature"),
}
BATH["motor_cable"] = BATH["motor_axon"]


def model_and_protocol(job, inputs):
    """Return the model with its arrays, and the stimulus."""
    from neurosim import Step, Train, models
    from neurosim.protocol import Fluctuation

    model = getattr(models, job["model"].upper())
    if job["workload"] in ("W1", "W5"):
        protocol = [Step(inputs["current"])]
        if sigma := job["settings"].get("sigma", 0.0):
            protocol.append(Fluctuation(sigma, job["settings"]["tau"]))
        return model, protocol
    if job["workload"] == "W2":
        model, protocol = model.with_channel(bias_channel()), None
        inputs = {**inputs, "bias": inputs["current"]}
    else:
        p = job["pulses"]
        names = ("amplitude", "width", "period", "count", "start")
        protocol = Train(**{n: p[n] for n in names})
    swept = {name: inputs[name] for name in BATH[job["model"]]}
    return model.along("sample", **swept), protocol


def bias_channel():
    """Return a constant inward current as a channel: a current for every sample."""
    from neurosim.core.jit import equation
    from neurosim.declare import Channel, Param

    @equation
    def constant_bias(bias):
        """Return a current [uA/cm2] that depolarises, and its slope, zero."""
        return -bias, 0.0

    bias = Param("bias", 0.0, "uA/cm2", "constant current into the axon")
    return Channel(
        name="bias", source="benchmark", params=(bias,), current=constant_bias
    )


def prepare(job, inputs):
    """Build the request; compile with one short run."""
    from neurosim import simulate

    model, protocol = model_and_protocol(job, inputs)
    known = ("dt", "solver", "tolerance", "channel_noise")
    settings = {n: v for n, v in job["settings"].items() if n in known}
    if job["settings"].get("reference"):
        return prepare_reference(job, model, protocol)

    def run(duration=job["duration"]):
        found = simulate(
            model, protocol, duration=duration, measure="spike_times",
            initial_v=job["start"], threads=len(job["cores"]), **settings,
        )  # fmt: skip

        def read():
            times = found["spike_time"].to_numpy()
            return [train[train == train] for train in times]

        return read

    begin = job.get("pulses", {}).get("start", 0.0)
    run(begin + 2.0 * settings.get("dt", model.dt))
    return run


def prepare_reference(job, model, protocol):
    """Return what integrates the declared derivative with SciPy's LSODA at 1e-11."""
    from neurosim.engine import Wanted
    from neurosim.ensemble import spread
    from neurosim.protocol import amplitudes, pieces_of
    from neurosim.reference import run_reference
    from neurosim.simulation import starting_point
    from neurosim.timetable import timetable

    pieces = pieces_of(protocol)
    ensemble = spread(model, amplitudes(pieces))
    table = timetable(pieces, job["duration"], model.dt)

    def run():
        x, _ = starting_point(ensemble, "reference", job["start"])
        how = {"method": "LSODA", "rtol": 1e-11, "atol": 1e-12}
        found = run_reference(ensemble, x, table, Wanted((), 0.1, True), **how)
        return lambda: padded([train[train == train] for train in found.spikes])

    return run


if __name__ == "__main__":
    serve(prepare, ("numpy", "numba", "neurosim-excitability"))
