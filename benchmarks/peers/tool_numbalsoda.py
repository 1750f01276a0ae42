"""numbalsoda: LSODA and DOP853 called from a compiled loop over the runs.

Output on a grid of 0.1 ms, crossings linear between (floor of the error 6e-4 ms).
"""

from math import exp

import numpy as np
from worker import serve

EVERY = 0.1  # ms, of the output
NAMES = ("current", "e_na", "e_k", "shift", "speed")


def prepare(job, inputs):
    """Compile the right-hand side and the loop."""
    import numba
    from numba import njit, prange
    from numbalsoda import dop853, lsoda, lsoda_sig

    numba.set_num_threads(min(len(job["cores"]), numba.config.NUMBA_NUM_THREADS))

    @njit
    def linexp(x):
        return 1.0 + 0.5 * x if abs(x) < 1e-7 else x / (1.0 - exp(-x))

    @njit
    def rates(u):
        return (
            linexp((u + 40.0) / 10.0), 4.0 * exp(-(u + 65.0) / 18.0),
            0.07 * exp(-(u + 65.0) / 20.0), 1.0 / (1.0 + exp(-(u + 35.0) / 10.0)),
            0.1 * linexp((u + 55.0) / 10.0), 0.125 * exp(-(u + 65.0) / 80.0),
        )  # fmt: skip

    @numba.cfunc(lsoda_sig)
    def derivative(t, y, d, p):
        v, m, h, n = y[0], y[1], y[2], y[3]
        speed = p[4]
        am, bm, ah, bh, an, bn = rates(v + p[3])
        i_na = 120.0 * m * m * m * h * (v - p[1])
        i_k = 36.0 * n * n * n * n * (v - p[2])
        d[0] = p[0] - i_na - i_k - 0.3 * (v + 54.387)
        d[1] = speed * (am * (1.0 - m) - bm * m)
        d[2] = speed * (ah * (1.0 - h) - bh * h)
        d[3] = speed * (an * (1.0 - n) - bn * n)

    address, settings = derivative.address, job["settings"]
    solver = {"LSODA": lsoda, "DOP853": dop853}[settings["method"]]
    tolerance, level, start = settings["rtol"], job["level"], job["start"]
    grid = np.arange(round(job["duration"] / EVERY) + 1) * EVERY
    parameters = np.ascontiguousarray(np.transpose([inputs[n] for n in NAMES]))

    @njit(parallel=True)
    def sweep(parameters, grid):
        runs = parameters.shape[0]
        spikes = np.full((runs, 1024), np.nan)
        counts = np.zeros(runs, np.int64)
        for r in prange(runs):
            am, bm, ah, bh, an, bn = rates(start + parameters[r, 3])
            y = np.array([start, am / (am + bm), ah / (ah + bh), an / (an + bn)])
            found, _ = solver(
                address, y, grid, data=parameters[r], rtol=tolerance, atol=tolerance
            )
            for k in range(1, grid.size):
                old, new = found[k - 1, 0], found[k, 0]
                if old < level and new >= level:
                    share = (level - old) / (new - old)
                    spikes[r, counts[r]] = grid[k - 1] + EVERY * share
                    counts[r] += 1
        return spikes, counts

    sweep(parameters[:2], grid[:3])

    def run():
        spikes, counts = sweep(parameters, grid)
        return lambda: [s[:c] for s, c in zip(spikes, counts, strict=True)]

    return run


if __name__ == "__main__":
    serve(prepare, ("numbalsoda", "numba", "numpy"))
