"""What a muscle fibre does in the blood of some days: twitch, train and rest.

A fast fibre gets one impulse and then a second at 30 Hz through a healthy junction. It
is fed the ionised levels of the day, free magnesium inside, and what working muscle
has of its own (potassium between the fibres, pH, temperature, energy).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.body.homeostasis import CELLS

ALONE, FIRST, RATE, IMPULSES = 20.0, 270.0, 30.0, 20  # ms, ms, 1/s, of the train
END = 100.0  # ms after the last impulse
SHARED = ("ca_o", "mg_o", "na_o", "ph_o", "pump", "atp_supply")  # same name, same unit
HEALTHY = {param.name: param.value for param in CELLS}


@dataclass(frozen=True, slots=True)
class Muscle:
    """What a fibre does in the bath of some days, each (days,).

    twitch, train : peak force of one impulse and of 30 Hz, relative to the healthy
    bath. answered : impulses of the fibre per impulse of its nerve.
    """

    twitch: np.ndarray
    train: np.ndarray
    answered: np.ndarray


def muscle_response(day: Any) -> Muscle:
    """Return what a fast fibre does on some days of one person.

    Parameters
    ----------
    day : levels over ``time``, as ``neurosim.body.run`` returns them.
    """
    from neurosim.innervate import innervate
    from neurosim.models import MUSCLE_FIBRE

    usual = {name: param.value for name, param in MUSCLE_FIBRE.parameters.items()}

    def from_health(name: str, values: Any) -> np.ndarray:
        return np.concatenate([[usual[name]], np.asarray(values, float)])

    given = {name: from_health(name, day[name].values) for name in SHARED}
    working = day["k_int"].values != HEALTHY["k_int"]
    between = np.where(working, day["k_int"].values, day["k_o"].values)
    given["k_o"] = from_health("k_o", between)
    left = day["mg_i"].values / 0.5  # of the body's 0.5 mM
    given["mg_i"] = from_health("mg_i", usual["mg_i"] * left)
    acid = day["ph_m"].values - HEALTHY["ph_m"]
    given["ph_m"] = from_health("ph_m", usual["ph_m"] + acid)
    given["temperature_m"] = from_health(
        "temperature_m", day["temperature_muscle"].values
    )
    times = np.concatenate([[ALONE], FIRST + 1e3 / RATE * np.arange(IMPULSES)])
    size = len(given["k_o"])
    found = innervate(
        MUSCLE_FIBRE.along("day", **given), np.tile(times, (size, 1)),
        duration=times[-1] + END, record=("force",), measure=("spike_times",),
    )  # fmt: skip
    force = found["force"].transpose("day", "time")
    twitch = force.sel(time=slice(0.0, FIRST - 1.0)).max("time").values
    train = force.sel(time=slice(FIRST, None)).max("time").values
    answered = found["transmission_ratio"].values
    return Muscle(twitch[1:] / twitch[0], train[1:] / train[0], answered[1:])
