"""Resting states of a muscle fibre by its steady current-voltage curve.

Concentrations and tubules as given: the tubules have the potential and the bath of the
surface, chloride is passive (E_Cl = v) and carries nothing. So a state found here is
one of seconds to a minute, before concentrations move.
"""

from collections.abc import Callable

import numpy as np

from neurosim.core.jit import equation
from neurosim.core.maths import sigmoid
from neurosim.errors import NeurosimError
from neurosim.physics import shorten_membrane as wallinga
from neurosim.physics.fibre_ions import TUBULES, potassium_reversal
from neurosim.physics.fibre_potassium import (
    delayed_rectifier,
    fibre_kq,
    fibre_n,
    fibre_p,
    inward_rectifier,
    kcnq_current,
)
from neurosim.physics.fibre_pump import pump_current
from neurosim.physics.fibre_sodium import fibre_sodium

LOWEST, HIGHEST, STEP = -140.0, 0.0, 0.1  # mV: where roots are looked for
HALVINGS = 40  # of a step


@equation
def steady(rates):
    """Return the open share at steady state from (opening, closing)."""
    return rates[0] / (rates[0] + rates[1])


@equation
def cannon_current(v, k_o, leak, pump, alpha_2, k_i, na_o, na_i):
    """Steady current [uA/cm2 of surface] of the Cannon 2024 membrane at 295 K.

    As published; the fibre in use has Na gates and densities of its own.
    """
    celsius = 21.85  # degC, 295 K
    e_k = potassium_reversal(k_o, k_i, celsius)
    h, s = sigmoid(-(v + 80.0) / 5.37), sigmoid(-(v + 59.0) / 10.6)
    share = sigmoid((v + 41.0) / 4.3) * (0.003 + 0.997 * h) * (0.115 + 0.885 * s)
    sodium = share * fibre_sodium(v, na_o, na_i, 1.02e-7, 1.0, celsius)[0]
    late = steady(fibre_n(v)) ** 4 * steady(fibre_p(v))
    late *= delayed_rectifier(v, k_o, k_i, 1.2e-8, 1.0, celsius)[0]
    late += steady(fibre_kq(v)) * kcnq_current(v, k_o, k_i, 2e-9, 1.0, celsius)[0]
    rest = inward_rectifier(v, k_o, k_i, e_k, 4.35e-9, 1.0, celsius)[0] + leak * v
    top = 25.96 * pump  # uA/cm2, Cannon 2024
    pump_s = pump_current(v, k_o, na_o, na_i, 8.0, top, alpha_2, celsius)[0]
    pump_t = pump_current(v, k_o, na_o, na_i, 8.0, top, 1.0, celsius)[0]
    surface = sodium + late + rest + pump_s
    return surface + TUBULES * (0.8 * sodium + 0.4 * late + rest + pump_t)


@equation
def wallinga_current(v, k_o, leak, pump, alpha_2, k_i, na_o, na_i):
    """Steady current [uA/cm2 of surface] of the Wallinga/Shorten membrane at 293 K.

    With the inward rectifier unswitched; ``alpha_2`` is not used, the pump has one K_m.
    """
    late = steady(wallinga.potassium_n(v)) ** 4 * steady(wallinga.potassium_h(v))
    late *= wallinga.delayed_flow(v, 64.8, k_o, k_i)[0]
    sodium = steady(wallinga.sodium_m(v)) ** 3 * steady(wallinga.sodium_h(v))
    sodium *= steady(wallinga.sodium_s(v))
    sodium *= wallinga.sodium_flow(v, 804.0, na_o, na_i)[0]
    pumped = wallinga.pump_flow(v, 59.9 * pump, k_o, na_o, na_i)[0]
    rest = wallinga.rectifier_flow(v, 11.1, k_o, k_i)[0] + leak * v
    tubule = 0.1 * sodium + 0.45 * late + 0.1 * pumped + rest
    return sodium + late + pumped + rest + 4.8 * tubule


def resting_states(
    k_o: float,
    leak: float = 0.0,
    *,
    membrane: Callable = cannon_current,
    pump: float = 1.0,
    alpha_2: float = 0.62,
    k_i: float = 150.0,
    na_o: float = 145.0,
    na_i: float = 12.0,
) -> list[tuple[float, bool]]:
    """Return every potential at which no steady current flows, and if it is stable.

    Parameters
    ----------
    k_o, k_i, na_o, na_i : mM. leak : mS per cm2 of all membrane, reversal 0 mV.
    membrane : ``cannon_current`` or ``wallinga_current``.
    pump : activity relative to the published one. alpha_2 : share of the isoform of low
        affinity at the surface.

    Returns
    -------
    (v in mV, stable) from the most negative on, between -140 and 0 mV.

    Raises
    ------
    NeurosimError : for a concentration that is not positive.
    """
    given = {"k_o": k_o, "k_i": k_i, "na_o": na_o, "na_i": na_i}
    for name, value in given.items():
        if not 0.0 < value < np.inf:
            raise NeurosimError(f"{name} = {value:g}: give a positive number of mM.")

    def current(v: float) -> float:
        return membrane(v, *map(float, (k_o, leak, pump, alpha_2, k_i, na_o, na_i)))

    v = np.arange(LOWEST, HIGHEST, STEP)
    i = np.array([current(float(x)) for x in v])
    found = []
    for k in np.flatnonzero(i[:-1] * i[1:] < 0.0):
        low, high = float(v[k]), float(v[k + 1])
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            same = current(middle) * i[k] > 0.0
            low, high = (middle, high) if same else (low, middle)
        found.append((0.5 * (low + high), bool(i[k] < 0.0)))
    return found
