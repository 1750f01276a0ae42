"""SciPy's ``solve_ivp``, one run after another, the right-hand side compiled by numba.

Written apart from neurosim: at 1e-11 it is the reference of the patch workloads.
"""

from math import exp

import numpy as np
from worker import serve

NAMES = ("current", "e_na", "e_k", "shift", "speed")


def right_hand_side():
    """Return d(v, m, h, n)/dt and the rates, compiled."""
    from numba import njit

    @njit
    def linexp(x):
        return 1.0 + 0.5 * x if abs(x) < 1e-7 else x / (1.0 - exp(-x))

    @njit
    def rates(u):
        rise = np.array([
            linexp((u + 40.0) / 10.0),
            0.07 * exp(-(u + 65.0) / 20.0),
            0.1 * linexp((u + 55.0) / 10.0),
        ])  # fmt: skip
        fall = np.array([
            4.0 * exp(-(u + 65.0) / 18.0),
            1.0 / (1.0 + exp(-(u + 35.0) / 10.0)),
            0.125 * exp(-(u + 65.0) / 80.0),
        ])  # fmt: skip
        return rise, fall

    @njit
    def derivative(t, y, current, e_na, e_k, shift, speed):
        v, m, h, n = y
        rise, fall = rates(v + shift)
        out = np.empty(4)
        out[0] = current - 120.0 * m**3 * h * (v - e_na)
        out[0] -= 36.0 * n**4 * (v - e_k) + 0.3 * (v + 54.387)
        for k in range(3):
            out[k + 1] = speed * (rise[k] * (1.0 - y[k + 1]) - fall[k] * y[k + 1])
        return out

    return derivative, rates


def prepare(job, inputs):
    """Compile, and return what integrates every run."""
    from scipy.integrate import solve_ivp

    derivative, rates = right_hand_side()
    settings = job["settings"]
    how = {"method": settings["method"], "rtol": settings["rtol"]}
    how["atol"] = settings.get("atol", settings["rtol"])
    parameters = np.transpose([inputs[name] for name in NAMES])

    def rising(t, y, *_):
        return y[0] - job["level"]

    rising.direction = 1.0

    def one(p):
        rise, fall = rates(job["start"] + p[3])
        y = np.concatenate(([job["start"]], rise / (rise + fall)))
        span = (0.0, job["duration"])
        found = solve_ivp(derivative, span, y, events=rising, args=tuple(p), **how)
        return found.t_events[0]

    derivative(0.0, np.zeros(4), *parameters[0])

    def run():
        trains = [one(p) for p in parameters]
        return lambda: trains

    return run


if __name__ == "__main__":
    serve(prepare, ("scipy", "numba", "numpy"))
