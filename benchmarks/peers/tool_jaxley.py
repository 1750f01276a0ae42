"""Jaxley: one compartment with a channel of its own, vmapped and spread over cores.

The constant current is a parameter of the channel: a stimulus array of every time step
for every run would only cost memory.
"""

import os

from worker import crossings, serve

NAMES = ("current", "e_na", "e_k", "shift", "speed")


def channel_of():
    """Return the channel: Hodgkin & Huxley 1952 in a bath, with a constant current."""
    import jax.numpy as jnp
    from jaxley.channels import Channel
    from jaxley.solver_gate import solve_gate_exponential

    def linexp(x):
        near = jnp.abs(x) < 1e-7
        safe = jnp.where(near, 1.0, x)
        return jnp.where(near, 1.0 + 0.5 * x, safe / (1.0 - jnp.exp(-safe)))

    def rates(u):
        return {
            "m": (linexp((u + 40.0) / 10.0), 4.0 * jnp.exp(-(u + 65.0) / 18.0)),
            "h": (
                0.07 * jnp.exp(-(u + 65.0) / 20.0),
                1.0 / (1.0 + jnp.exp(-(u + 35.0) / 10.0)),
            ),
            "n": (0.1 * linexp((u + 55.0) / 10.0), 0.125 * jnp.exp(-(u + 65.0) / 80.0)),
        }

    class Bath(Channel):
        """Hodgkin & Huxley 1952, gates shifted and quickened."""

        def __init__(self, name=None):
            self.current_is_in_mA_per_cm2 = True
            super().__init__(name)
            defaults = (0.0, 50.0, -77.0, 0.0, 1.0)
            self.channel_params = dict(zip(NAMES, defaults, strict=True))
            self.channel_states = {"m": 0.05, "h": 0.6, "n": 0.3}
            self.current_name = "i_bath"

        def update_states(self, states, dt, v, params):
            """Advance the gates."""
            speed = params["speed"]
            return {
                gate: solve_gate_exponential(states[gate], dt, speed * a, speed * b)
                for gate, (a, b) in rates(v + params["shift"]).items()
            }

        def compute_current(self, states, v, params):
            """Return the current, mA/cm2."""
            current = 0.12 * states["m"] ** 3 * states["h"] * (v - params["e_na"])
            current += 0.036 * states["n"] ** 4 * (v - params["e_k"])
            return current + 0.0003 * (v + 54.387) - 1e-3 * params["current"]

        def init_state(self, states, v, params, delta_t):
            """Return the steady state."""
            found = rates(v + params["shift"]).items()
            return {gate: a / (a + b) for gate, (a, b) in found}

    return Bath()


def prepare(job, inputs):
    """Compile the sweep by running it once."""
    cores = len(job["cores"])
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={cores}"
    os.environ["MPLBACKEND"] = "agg"
    import jax
    import jax.numpy as jnp
    import jaxley
    import numpy as np
    from jax.sharding import Mesh, PartitionSpec

    jax.config.update("jax_enable_x64", True)
    settings = job["settings"]
    cell = jaxley.Compartment()
    cell.insert(channel_of())
    cell.set("v", job["start"])
    cell.set("capacitance", 1.0)
    cell.record("v", verbose=False)

    def one(p):
        state = None
        for k, name in enumerate(NAMES):
            state = cell.data_set(name, p[k], state)
        rise_and_fall = cell.base.channels[0].init_state(
            {}, job["start"], dict(zip(NAMES, p, strict=True)), settings["dt"]
        )
        for name, value in rise_and_fall.items():
            state = cell.data_set(name, value, state)
        return jaxley.integrate(
            cell, param_state=state, t_max=job["duration"], delta_t=settings["dt"],
            solver=settings["method"],
        )[0]  # fmt: skip

    mesh = Mesh(np.array(jax.devices()), ("runs",))
    over = PartitionSpec("runs")
    sweep = jax.jit(
        jax.shard_map(
            jax.vmap(one), mesh=mesh, in_specs=over, out_specs=over, check_vma=False
        )
    )
    table = np.stack([inputs[name] for name in NAMES], axis=1)
    spare = -len(table) % cores  # every core takes as many runs
    parameters = jnp.asarray(np.pad(table, ((0, spare), (0, 0)), mode="edge"))
    sweep(parameters).block_until_ready()

    def run():
        v = sweep(parameters).block_until_ready()
        every, level = settings["dt"], job["level"]
        return lambda: [
            crossings(row, every, level) for row in np.asarray(v)[: len(table)]
        ]

    return run


if __name__ == "__main__":
    serve(prepare, ("jaxley", "jax", "numpy"))
