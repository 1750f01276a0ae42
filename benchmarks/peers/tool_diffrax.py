"""diffrax: an adaptive explicit solver, vmapped over the runs and spread over cores.

Output on a grid of 0.1 ms, crossings linear between (floor of the error 6e-4 ms).
"""

import os

from worker import crossings, serve

EVERY = 0.1  # ms, of the output
NAMES = ("current", "e_na", "e_k", "shift", "speed")


def prepare(job, inputs):
    """Compile the sweep by running it once."""
    cores = len(job["cores"])
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={cores}"
    import diffrax
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax.sharding import Mesh, PartitionSpec

    jax.config.update("jax_enable_x64", True)
    settings = job["settings"]

    def linexp(x):
        near = jnp.abs(x) < 1e-7
        safe = jnp.where(near, 1.0, x)
        return jnp.where(near, 1.0 + 0.5 * x, safe / (1.0 - jnp.exp(-safe)))

    def rates(u):
        rise = jnp.stack([
            linexp((u + 40.0) / 10.0), 0.07 * jnp.exp(-(u + 65.0) / 20.0),
            0.1 * linexp((u + 55.0) / 10.0),
        ])  # fmt: skip
        fall = jnp.stack([
            4.0 * jnp.exp(-(u + 65.0) / 18.0),
            1.0 / (1.0 + jnp.exp(-(u + 35.0) / 10.0)),
            0.125 * jnp.exp(-(u + 65.0) / 80.0),
        ])  # fmt: skip
        return rise, fall

    def derivative(t, y, p):
        current, e_na, e_k, shift, speed = p
        v, (m, h, n) = y[0], y[1:]
        rise, fall = rates(v + shift)
        dv = current - 120.0 * m**3 * h * (v - e_na)
        dv -= 36.0 * n**4 * (v - e_k) + 0.3 * (v + 54.387)
        gates = speed * (rise * (1.0 - y[1:]) - fall * y[1:])
        return jnp.concatenate([dv[None], gates])

    grid = jnp.arange(round(job["duration"] / EVERY) + 1) * EVERY
    solver = getattr(diffrax, settings["method"])()
    control = diffrax.PIDController(rtol=settings["rtol"], atol=settings["rtol"])

    def one(p):
        rise, fall = rates(job["start"] + p[3])
        y = jnp.concatenate([jnp.array([job["start"]]), rise / (rise + fall)])
        found = diffrax.diffeqsolve(
            diffrax.ODETerm(derivative), solver, 0.0, job["duration"], 0.01, y, args=p,
            saveat=diffrax.SaveAt(ts=grid, fn=lambda t, y, args: y[0]),
            stepsize_controller=control, max_steps=1_000_000,
            adjoint=diffrax.DirectAdjoint() if settings.get("direct") else
            diffrax.RecursiveCheckpointAdjoint(checkpoints=1),
        )  # fmt: skip
        return found.ys

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
        return lambda: [
            crossings(row, EVERY, job["level"]) for row in np.asarray(v)[: len(table)]
        ]

    return run


if __name__ == "__main__":
    serve(prepare, ("diffrax", "jax", "numpy"))
