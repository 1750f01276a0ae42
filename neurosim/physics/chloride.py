"""The chloride channel of muscle, ClC-1: rates in 1/ms at 22 degC, v in mV."""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, sigmoid
from neurosim.physics.ions import ghk_current, thermal_voltage

SURFACE = -120.0  # mV at the mouth, bends the open channel's curve (Cannon 2024)
LOST = 0.7  # share of the conductance that activity can close (Pedersen 2009)
PER_SPIKE = 1.0 / 200.0  # of what is open closes per spike (Pedersen 2009)
RECOVERY = 60e3  # ms until reopened (Pedersen 2009: about 1 min)
ABOVE = 0.380  # ms x openness of the counter over one spike of the healthy fibre


@equation
def clc_c(v):
    """ClC-1 gate: opens with depolarisation, -61 mV, 20.5 mV (Lueck et al. 2010).

    Speed of Cannon 2024, fast when hyperpolarised, a few ms at rest when warm.
    """
    speed = 0.03 * sigmoid((v + 50.0) / 41.0) + 0.16 * sigmoid(-(v + 90.0) / 25.0)
    steady = sigmoid((v + 61.0) / 20.5)
    return steady * speed, (1.0 - steady) * speed


@equation
def chloride_permeability(p_cl, clc, ph_m, permeation):
    """Permeability [cm/ms] in rested muscle: acid closes 40 % per 0.4 pH (recalled)."""
    acid = min(max(1.0 - (7.1 - ph_m), 0.3), 1.2)
    return p_cl * clc * acid * permeation


@equation
def chloride_current(v, cl_out, cl_i, p_chloride, clc_closed, temperature_m):
    """ClC-1 current, gate open [uA/cm2], and slope: constant field with V' = -120 mV.

    For an anion inside and outside change places; charge at the mouth thins the
    chloride there and bends the curve, leaving its zero in place (Cannon 2024).
    """
    mouth = exp(SURFACE / thermal_voltage(temperature_m))
    open_share = 1.0 - LOST * clc_closed
    current, slope = ghk_current(
        v - SURFACE, cl_i, cl_out * mouth, 1.0, p_chloride * open_share, temperature_m
    )
    return current, slope


@equation
def clc_closing(v, clc_closed):
    """Rate [1/ms] of closing by activity: 1/200 of the rest per spike, and recovery.

    A spike counts by the time it spends above 0 mV.
    """
    closing = PER_SPIKE / ABOVE * sigmoid(v / 5.0)
    return closing * (1.0 - clc_closed) - clc_closed / RECOVERY
