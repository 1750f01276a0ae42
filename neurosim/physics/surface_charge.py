"""Fixed negative charge at the channel mouth: what Ca, Mg, H and salt do to gates.

Divalent ions screen and bind negative charge outside the membrane. With less of them
the outer surface is more negative, so the field inside the membrane is that of a more
depolarised axon, although the bulk potential v is unchanged: gates feel v + s.

The surface potential psi solves Grahame's equation for the diffuse layer together with
binding at the surface (Hille, Woodhull & Shapiro 1975); s = psi(reference) - psi.
"""

from collections import namedtuple
from typing import Any

import numpy as np

from neurosim.core.jit import equation
from neurosim.core.maths import exp, log
from neurosim.declare import Derived, Param
from neurosim.sources import (
    HILLE_WOODHULL_SHAPIRO_1975,
    ISAEV_2012,
)
from neurosim.units import ZERO_CELSIUS

EPSILON_0 = 8.8541878128e-12  # F/m, CODATA 2018
GAS_SI = 8.31446261815324  # J/(mol K), CODATA 2018
FARADAY_SI = 96485.33212  # C/mol, CODATA 2018
CHARGE_PER_NM2 = 0.1602176634  # C/m2 per elementary charge/nm2, CODATA 2018

ACID_1, PKA_1 = 0.90, 2.88  # 1/nm2 and pKa, Hille, Woodhull & Shapiro 1975
ACID_2, PKA_2 = 0.58, 4.58  # 1/nm2 and pKa, Hille, Woodhull & Shapiro 1975
BASE, PKA_BASE = 0.33, 6.28  # 1/nm2 and pKa, Hille, Woodhull & Shapiro 1975
LOWEST, HIGHEST = -0.30, 0.15  # V: psi of any bath lies between
HALVINGS = 50  # of that interval: 4e-16 V

# The healthy human reference bath, mM and pH (design section 4; RCPA ranges)
Bath = namedtuple("Bath", "na_o k_o ca_o mg_o ph_o")
HEALTHY = Bath(na_o=140.0, k_o=4.0, ca_o=1.25, mg_o=0.55, ph_o=7.40)


@equation
def permittivity(temperature):
    """Relative permittivity of water (Malmberg & Maryott 1956); temperature degC."""
    t = temperature
    return 87.740 - t * (0.40008 - t * (9.398e-4 - t * 1.410e-6))


@equation
def diffuse_charge(psi, na_o, k_o, ca_o, mg_o, temperature):
    """Charge [C/m2] that the diffuse layer balances at psi [V] (Grahame 1947).

    Chloride keeps the bulk neutral.
    """
    kelvin = temperature + ZERO_CELSIUS
    x = psi * FARADAY_SI / (GAS_SI * kelvin)
    one, two = exp(-x), exp(-2.0 * x)
    chloride = na_o + k_o + 2.0 * (ca_o + mg_o)
    excess = (na_o + k_o) * (one - 1.0) + (ca_o + mg_o) * (two - 1.0)
    excess += chloride * (1.0 / one - 1.0)
    scale = 2.0 * permittivity(temperature) * EPSILON_0 * GAS_SI * kelvin
    magnitude = (scale * max(excess, 0.0)) ** 0.5
    return magnitude if psi > 0.0 else -magnitude


@equation
def fixed_charge(psi, ca_o, mg_o, ph_o, temperature, bind_ca, bind_mg):
    """Charge [C/m2] of the surface groups at psi [V].

    An acid is -1 when free, 0 with a proton, +1 with a divalent ion; a base is +1 with
    a proton. bind_* in M against surface concentrations.
    """
    x = psi * FARADAY_SI / (GAS_SI * (temperature + ZERO_CELSIUS))
    one = exp(-x)
    protons = 10.0 ** (-ph_o) * one
    bound = 1e-3 * one * one * (ca_o / bind_ca + mg_o / bind_mg)
    first = ACID_1 * (bound - 1.0) / (1.0 + protons * 10.0**PKA_1 + bound)
    second = ACID_2 * (bound - 1.0) / (1.0 + protons * 10.0**PKA_2 + bound)
    ratio = protons * 10.0**PKA_BASE
    return CHARGE_PER_NM2 * (first + second + BASE * ratio / (1.0 + ratio))


@equation
def surface_potential(na_o, k_o, ca_o, mg_o, ph_o, temperature, bind_ca, bind_mg):
    """Potential [mV] of the outer surface against the bulk; concentrations in mM.

    Both charges are monotone in psi, in opposite senses: bisection has one root.
    """
    low, high = LOWEST, HIGHEST
    for _ in range(HALVINGS):
        psi = 0.5 * (low + high)
        excess = diffuse_charge(psi, na_o, k_o, ca_o, mg_o, temperature)
        excess -= fixed_charge(psi, ca_o, mg_o, ph_o, temperature, bind_ca, bind_mg)
        low, high = (low, psi) if excess > 0.0 else (psi, high)
    return 1e3 * 0.5 * (low + high)


@equation
def shift_between(
    na_r,
    k_r,
    ca_r,
    mg_r,
    ph_r,
    na_o,
    k_o,
    ca_o,
    mg_o,
    ph_o,
    temperature,
    bind_ca,
    bind_mg,
):
    """Shift s [mV] of the field that gates feel, against a reference bath (_r).

    A model whose gates were measured in another bath than the healthy one calls this
    with its own. The reference is taken at the same temperature: psi itself differs by
    several mV between 20 and 37 degC, which no measurement of gates at one temperature
    contains.
    """
    here = surface_potential(na_o, k_o, ca_o, mg_o, ph_o, temperature, bind_ca, bind_mg)
    reference = surface_potential(
        na_r, k_r, ca_r, mg_r, ph_r, temperature, bind_ca, bind_mg
    )
    return reference - here


@equation
def surface_shift(na_o, k_o, ca_o, mg_o, ph_o, temperature, bind_ca, bind_mg):
    """Shift s [mV] of the field that gates feel, against the healthy bath."""
    return shift_between(
        140.0,
        4.0,
        1.25,
        0.55,
        7.40,
        na_o,
        k_o,
        ca_o,
        mg_o,
        ph_o,
        temperature,
        bind_ca,
        bind_mg,
    )


BIND_CA = Param(
    "bind_ca", 28.0, "M", "binding constant of Ca at the surface",
    HILLE_WOODHULL_SHAPIRO_1975, low=0.1, high=1e6,
)  # fmt: skip
BIND_MG = Param(
    "bind_mg", 60.0, "M", "binding constant of Mg at the surface (28 to infinity)",
    ISAEV_2012, low=0.1, high=1e9,
)  # fmt: skip
GATE_SHIFT = Derived(
    "gate_shift", surface_shift, "mV", "shift of the field that Na gates feel"
)


# argument of gate_shift -> lowest, highest, meaning
ALLOWED = {
    "na_o": (0.0, 5000.0, "Na outside in mM"),
    "k_o": (0.0, 5000.0, "K outside in mM"),
    "ca_o": (0.0, 1000.0, "ionised Ca outside in mM"),
    "mg_o": (0.0, 1000.0, "ionised Mg outside in mM"),
    "ph_o": (0.0, 14.0, "pH outside"),
    "temperature": (0.0, 100.0, "temperature in degC"),
    "bind_ca": (1e-3, np.inf, "binding constant of Ca in M"),
    "bind_mg": (1e-3, np.inf, "binding constant of Mg in M"),
}


def gate_shift(
    ca_o, mg_o, na_o=140.0, k_o=4.0, ph_o=7.4, temperature=37.0,
    bind_ca: Any = 28.0, bind_mg: Any = 60.0,
):  # fmt: skip
    """Shift of the field that gates feel, against the healthy human bath.

    Parameters
    ----------
    ca_o, mg_o, na_o, k_o : ionised bulk concentrations, mM; numbers or arrays.
    ph_o : pH outside.
    temperature : degC; the reference bath is taken at the same one.
    bind_ca, bind_mg : binding constants, M (Hille, Woodhull & Shapiro 1975; K_Mg gives
        Ca 1.4 times the potency of Mg, Isaev et al. 2012).

    Returns
    -------
    s in mV, of the broadcast shape; positive is as if the axon were depolarised.

    Raises
    ------
    NeurosimError : for concentrations that are negative or not finite.
    """
    from neurosim.errors import NeurosimError

    asked = {
        "na_o": na_o, "k_o": k_o, "ca_o": ca_o, "mg_o": mg_o, "ph_o": ph_o,
        "temperature": temperature, "bind_ca": bind_ca, "bind_mg": bind_mg,
    }  # fmt: skip
    given = np.broadcast_arrays(*(np.asarray(a, float) for a in asked.values()))
    for name, values in zip(asked, given, strict=True):
        low, high, meaning = ALLOWED[name]
        bad = ~((values >= low) & (values <= high))
        if bad.any():
            raise NeurosimError(
                f"{name} = {values[bad][0]:g} is not possible: {meaning}, allowed "
                f"{low:g} to {high:g}."
            )
    flat = zip(*(a.ravel() for a in given), strict=True)
    shifts = np.array([surface_shift(*map(float, row)) for row in flat])
    return shifts.reshape(given[0].shape)[()]


@equation
def huxley_shift(ca_o, ca_slope, ca_reference):
    """Shift [mV] of squid gates by calcium alone, logarithmic (Huxley 1959)."""
    return ca_slope * log(ca_reference / ca_o)
