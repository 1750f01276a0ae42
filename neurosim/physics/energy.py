"""ATP, phosphocreatine and phosphate of a muscle fibre, in mM; rates in mM/ms.

Adenine and creatine stay in the cell; what ATP loses, phosphate gains. So
atp + pcr + pi is constant, whatever is consumed.
"""

from neurosim.core.jit import equation
from neurosim.core.maths import exp
from neurosim.physics.fibre_ions import CELL, TUBULES
from neurosim.units import FARADAY

LN10 = 2.302585092994046  # natural logarithm of 10


@equation
def free_adp(atp, adenine):
    """ADP [mM]; AMP is left out."""
    return adenine - atp


@equation
def kinase_constant(ph_m):
    """[ATP][Cr]/([ADP][PCr]) at equilibrium: 1.66e9/M x [H] (recalled)."""
    return 1.66e9 * exp(-LN10 * ph_m)


@equation
def kinase(atp, adp, pcr, creatine, ck_rate, ck_constant):
    """ATP [mM/ms] made from phosphocreatine by creatine kinase."""
    return ck_rate * (pcr * adp - atp * (creatine - pcr) / ck_constant)


@equation
def resynthesis(adp, pi, oxidative, glycolytic, atp_supply):
    """ATP [mM/ms] made by oxidation and glycolysis, called for by ADP and phosphate.

    Oxidation half at ADP 0.05 mM (0.044, Jeneson 1996, recalled) and phosphate 1 mM;
    glycolysis half at 0.1 and 15 mM (chosen: silent at rest, on in hard work).
    """
    called, fuel = adp * adp, pi * pi
    breathing = oxidative * called * pi / ((called + 0.0025) * (pi + 1.0))
    sugar = glycolytic * called * fuel / ((called + 0.01) * (fuel + 225.0))
    return atp_supply * (breathing + sugar)


@equation
def contraction_use(ca_uptake, detached, atp, heads, basal_use, ec_speed):
    """ATP [mM/ms] used by SERCA (2 Ca per ATP), bridges, and the rest of the cell.

    The rest half-saturates at 1 mM (Senneff & Lowery 2021).
    """
    return (
        0.5e-3 * ca_uptake + heads * detached + basal_use * ec_speed * atp / (atp + 1.0)
    )


@equation
def pump_use(i_pump, i_pump_tubule):
    """ATP [mM/ms of cell] used by the Na-K pump: one per net charge moved out."""
    return (i_pump + TUBULES * i_pump_tubule) / (FARADAY * CELL)


@equation
def atp_rate(atp_made, from_pcr, atp_used, i_pump, i_pump_tubule):
    """ATP [mM/ms]."""
    return atp_made + from_pcr - atp_used - pump_use(i_pump, i_pump_tubule)


@equation
def phosphocreatine_rate(from_pcr):
    """Phosphocreatine [mM/ms]."""
    return -from_pcr


@equation
def phosphate_rate(atp_made, atp_used, i_pump, i_pump_tubule):
    """Phosphate [mM/ms]."""
    return atp_used + pump_use(i_pump, i_pump_tubule) - atp_made
