"""Voltage sensor and release channel of Shorten et al. 2007.

Four sensors move with the potential of the tubule; each that has moved makes the
channel open five times more easily and stay open five times longer, and an open channel
makes the sensors move likewise (after Stern, Pizarro & Rios 1997). Shut states c_0 to
c_4 and open ones o_0 to o_4, numbered by the sensors that have moved. Every number is
that of the archived model (see ``models.shorten_fibre``). mV, ms.
"""

from neurosim.core.jit import equation
from neurosim.core.maths import exp

K_L, K_LM, STEEP = 0.002, 1000.0, 0.2  # 1/ms, 1/ms, 1: channel opening, archive


@equation
def forward(v):
    """Rate [1/ms] at which one of the four sensors moves, over its multiplicity."""
    return 0.1 * exp((v + 20.0) / 36.0)


@equation
def backward(v):
    """Rate [1/ms] at which it returns."""
    return 0.1 * exp(-(v + 20.0) / 36.0)


@equation
def sensing(v, still, moved, before, after):
    """Flux from one state to the next of a shut channel; counts of sensors first."""
    return still * forward(v) * before - moved * backward(v) * after


@equation
def sensing_open(v, still, moved, before, after):
    """Flux from one state to the next of an open channel."""
    return still * forward(v) / STEEP * before - moved * backward(v) * STEEP * after


@equation
def opening(moved, shut, opened):
    """Flux from shut to open with ``moved`` sensors activated."""
    return K_L / STEEP**moved * shut - K_LM * STEEP**moved * opened


@equation
def c_0_rate(v_tubule, c_0, c_1, o_0):
    """Shut channel, no sensor activated."""
    return -sensing(v_tubule, 4.0, 1.0, c_0, c_1) - opening(0, c_0, o_0)


@equation
def c_1_rate(v_tubule, c_0, c_1, c_2, o_1):
    """Shut channel, one sensor activated."""
    here = sensing(v_tubule, 4.0, 1.0, c_0, c_1) - opening(1, c_1, o_1)
    return here - sensing(v_tubule, 3.0, 2.0, c_1, c_2)


@equation
def c_2_rate(v_tubule, c_1, c_2, c_3, o_2):
    """Shut channel, two sensors activated."""
    here = sensing(v_tubule, 3.0, 2.0, c_1, c_2) - opening(2, c_2, o_2)
    return here - sensing(v_tubule, 2.0, 3.0, c_2, c_3)


@equation
def c_3_rate(v_tubule, c_2, c_3, c_4, o_3):
    """Shut channel, three sensors activated."""
    here = sensing(v_tubule, 2.0, 3.0, c_2, c_3) - opening(3, c_3, o_3)
    return here - sensing(v_tubule, 1.0, 4.0, c_3, c_4)


@equation
def c_4_rate(v_tubule, c_3, c_4, o_4):
    """Shut channel, all sensors activated."""
    return sensing(v_tubule, 1.0, 4.0, c_3, c_4) - opening(4, c_4, o_4)


@equation
def o_0_rate(v_tubule, o_0, o_1, c_0):
    """Open channel, no sensor activated."""
    return opening(0, c_0, o_0) - sensing_open(v_tubule, 4.0, 1.0, o_0, o_1)


@equation
def o_1_rate(v_tubule, o_0, o_1, o_2, c_1):
    """Open channel, one sensor activated."""
    here = opening(1, c_1, o_1) + sensing_open(v_tubule, 4.0, 1.0, o_0, o_1)
    return here - sensing_open(v_tubule, 3.0, 2.0, o_1, o_2)


@equation
def o_2_rate(v_tubule, o_1, o_2, o_3, c_2):
    """Open channel, two sensors activated."""
    here = opening(2, c_2, o_2) + sensing_open(v_tubule, 3.0, 2.0, o_1, o_2)
    return here - sensing_open(v_tubule, 2.0, 3.0, o_2, o_3)


@equation
def o_3_rate(v_tubule, o_2, o_3, o_4, c_3):
    """Open channel, three sensors activated."""
    here = opening(3, c_3, o_3) + sensing_open(v_tubule, 2.0, 3.0, o_2, o_3)
    return here - sensing_open(v_tubule, 1.0, 4.0, o_3, o_4)


@equation
def o_4_rate(v_tubule, o_3, o_4, c_4):
    """Open channel, all sensors activated."""
    return opening(4, c_4, o_4) + sensing_open(v_tubule, 1.0, 4.0, o_3, o_4)
