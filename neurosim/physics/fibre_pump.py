"""What moves ions uphill in a muscle fibre: the Na-K pump and NKCC1."""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, ln_ratio
from neurosim.physics.ions import thermal_voltage


@equation
def pump_power(i_pump_max, pump, adrenaline, turnover):
    """Largest current of the pump [uA/cm2]; adrenaline adds 70 % (muscle.md 5.4)."""
    return i_pump_max * pump * (1.0 + 0.7 * adrenaline) * turnover


@equation
def pump_current(v, k_out, na_out, na_i, atp, pump_capacity, alpha_2, temperature_m):
    """Pump current [uA/cm2], 3 Na out for 2 K in, and its slope [mS/cm2].

    Isoforms alpha1 and alpha2 (share ``alpha_2``) half-saturate at K 1.0 and 2.5 mM;
    Na 13 mM (Cannon 2024; form of Wallinga 1999). ATP half-saturates at 0.2 mM (0.1 to
    0.5, recalled), relative to 8 mM. All quotients have one denominator.
    """
    per_volt = 1.0 / thermal_voltage(temperature_m)
    x = v * per_volt
    sigma = (exp(na_out / 67.3) - 1.0) / 7.0
    weak, strong = 0.12 * exp(-0.1 * x), 0.04 * sigma * exp(-x)
    against = 1.0 + weak + strong
    first, second, inside = k_out + 1.0, k_out + 2.5, na_i + 13.0
    mixed = (1.0 - alpha_2) * second * second + alpha_2 * first * first
    bound = k_out * k_out * mixed * na_i * na_i * na_i * atp
    room = first * second * first * second * inside * inside * inside * (atp + 0.2)
    share = 1.0 / (room * against)
    current = pump_capacity * (8.2 / 8.0) * bound * share
    return current, current * room * share * (0.1 * weak + strong) * per_volt


@equation
def cotransport(j_nkcc, turnover, na_out, k_out, cl_out, na_i, k_i, cl_i):
    """NKCC1 uptake of Na and of K, half that of Cl, as a current [uA/cm2].

    Proportional to the driving free energy (Gallaher et al. 2009).
    """
    outside = na_out * k_out * cl_out * cl_out
    return j_nkcc * turnover * ln_ratio(outside, na_i * k_i * cl_i * cl_i)
