"""Membrane of the fast-twitch fibre of Shorten et al. 2007, slips included.

Surface and tubule have the same channels after Wallinga et al. 1999, seven constants
apart. Every number here is that of the archived model (see ``models.shorten_fibre``);
where it departs from what the channel is known to do, the function says so. mV, ms, mM.
"""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, linexp, log, sigmoid
from neurosim.physics.ions import ghk_current
from neurosim.units import FARADAY, GAS, ZERO_CELSIUS

F = 96485.0  # C/mol, archive; CODATA's is 3 ppm larger
THERMAL = 8314.41 * 293.0 / F  # mV, RT/F at 293 K with the archive's R
ROOM = THERMAL * FARADAY / GAS - ZERO_CELSIUS  # degC at which RT/F is that
UNIT = THERMAL / FARADAY  # cm/ms: a constant-field current then is J, in mV mM
J_K, J_NA, J_CL = 50.0, 75.0, 45.0  # mM by which conductances are scaled, archive

ANIONS = 156.5  # mM, Cl_o + 5 Cl_i, archive
K_K = 950.0  # mM2, half-activation of the inward rectifier by K, archive
BLOCKER = 1.0 / 10.0**2  # K_S / S_i^2 of its block from inside, archive
DEPTH = 0.4  # share of the field at its site, archive

PER_TUBULE = 1e-3 / (F * 1e-6)  # mM/ms per uA/cm2; volume per area 1e-6 cm, archive
PER_CELL = 1e-3 / (F * 0.0025)  # mM/ms per uA/cm2; 0.0025 cm, archive
PER_SPACE = 1e-3 / (F * 0.0005)  # mM/ms per uA/cm2; interstitium 0.0005 cm, archive
TUBULES = 0.0032  # volume of the tubules per volume of the fibre, archive
DIFFUSION, OUTWARD = 350.0, 21875.0  # ms, of tubule and interstitium, archive
K_REST, NA_REST = 1.02, -1.29  # uA/cm2, in the concentrations only, archive


@equation
def potassium_n(v):
    """Activation of the delayed rectifier."""
    return 0.0131 * 7.0 * linexp((v + 40.0) / 7.0), 0.067 * exp(-(v + 40.0) / 40.0)


@equation
def potassium_h(v):
    """Slow inactivation of the delayed rectifier at the surface."""
    steady, rate = sigmoid(-(v + 40.0) / 7.5), 1e-3 * exp((v + 40.0) / 25.75)
    return steady * rate, (1.0 - steady) * rate


@equation
def potassium_h_tubule(v):
    """Inactivation in the tubule: without the factor of 1000 in tau, a slip."""
    steady, rate = sigmoid(-(v + 40.0) / 7.5), exp((v + 40.0) / 25.75)
    return steady * rate, (1.0 - steady) * rate


@equation
def sodium_m(v):
    """Activation of the Na channel."""
    return 0.288 * 10.0 * linexp((v + 46.0) / 10.0), 1.38 * exp(-(v + 46.0) / 18.0)


@equation
def sodium_h(v):
    """Fast inactivation of the Na channel."""
    return 0.0081 * exp(-(v + 45.0) / 14.7), 4.38 * sigmoid((v + 45.0) / 9.0)


@equation
def sodium_s(v):
    """Slow inactivation of the Na channel (8571 ms is a minute over seven)."""
    away = (v + 90.0) / 100.0
    steady, rate = sigmoid(-(v + 78.0) / 5.8), (0.2 + 5.65 * away * away) / 8571.0
    return steady * rate, (1.0 - steady) * rate


@equation
def sodium_flow(v, g_na, outside, inside):
    """Na current with all gates open, and its slope."""
    current, slope = ghk_current(v, outside, inside, 1.0, UNIT, ROOM)
    return g_na / J_NA * current, g_na / J_NA * slope


@equation
def delayed_flow(v, g_dr, outside, inside):
    """Delayed K current with all gates open, and its slope."""
    current, slope = ghk_current(v, outside, inside, 1.0, UNIT, ROOM)
    return g_dr / J_K * current, g_dr / J_K * slope


@equation
def rectifier_flow(v, g_ir, outside, inside):
    """Inward-rectifier current and its slope: half-opened by K, blocked from inside."""
    current, slope = ghk_current(v, outside, inside, 1.0, UNIT, ROOM)
    k_r = outside * exp(-DEPTH * log(outside / inside))
    bound = k_r * k_r / K_K
    bend = 2.0 * (1.0 - DEPTH) / THERMAL
    block = BLOCKER * (1.0 + bound) * exp(-bend * v)
    free = block / (1.0 + block)
    g = g_ir / J_K * bound / (1.0 + bound) * free
    return g * current, g * (slope - bend * (1.0 - free) * current)


@equation
def chloride_flow(v, g_cl, outside, inside):
    """Cl current and its slope; E_Cl is tied to that of K (given here), a slip."""
    cl_i = ANIONS / (5.0 + inside / outside)
    cl_o = ANIONS - 5.0 * cl_i
    current, slope = ghk_current(v, cl_o, cl_i, -1.0, UNIT, ROOM)
    a = sigmoid((70.0 - v) / 150.0)
    g = g_cl / J_CL * a**4
    return g * current, g * (slope - 4.0 / 150.0 * (1.0 - a) * current)


@equation
def pump_flow(v, pump, k_outside, na_outside, na_inside):
    """Pump current and its slope."""
    x = v / THERMAL
    slow = 0.12 * exp(-0.1 * x)
    fast = 0.04 / 7.0 * (exp(na_outside / 67.3) - 1.0) * exp(-x)
    share = 1.0 / (1.0 + slow + fast)
    sites = (1.0 + 1.0 / k_outside) ** 2 * (1.0 + 13.0 / na_inside) ** 3
    current = pump / sites * share
    return current, current * share * (0.1 * slow + fast) / THERMAL


@equation
def sodium(v, g_na, na_e, na_i):
    """Na current of the surface, all gates open."""
    current, slope = sodium_flow(v, g_na, na_e, na_i)
    return current, slope


@equation
def sodium_tubule(v, g_na, na_t, na_i):
    """Na current of the tubule, all gates open."""
    current, slope = sodium_flow(v, g_na, na_t, na_i)
    return current, slope


@equation
def delayed(v, g_dr, k_e, k_i):
    """Delayed K current of the surface, all gates open."""
    current, slope = delayed_flow(v, g_dr, k_e, k_i)
    return current, slope


@equation
def delayed_tubule(v, g_dr, k_t, k_i):
    """Delayed K current of the tubule, all gates open."""
    current, slope = delayed_flow(v, g_dr, k_t, k_i)
    return current, slope


@equation
def rectifier(v, g_ir, k_e, k_i):
    """Inward rectifier of the surface, which passes outward current only: a slip."""
    current, slope = rectifier_flow(v, g_ir, k_e, k_i)
    outward = 1.0 if current > 0.0 else 0.0
    return outward * current, outward * slope


@equation
def rectifier_tubule(v, g_ir, k_t, k_i):
    """Inward rectifier of the tubule."""
    current, slope = rectifier_flow(v, g_ir, k_t, k_i)
    return current, slope


@equation
def chloride(v, g_cl, k_e, k_i):
    """Cl current of the surface."""
    current, slope = chloride_flow(v, g_cl, k_e, k_i)
    return current, slope


@equation
def chloride_tubule(v, g_cl, k_t, k_i):
    """Cl current of the tubule."""
    current, slope = chloride_flow(v, g_cl, k_t, k_i)
    return current, slope


@equation
def pump_surface(v, pump, k_e, na_e, na_i):
    """Pump current of the surface."""
    current, slope = pump_flow(v, pump, k_e, na_e, na_i)
    return current, slope


@equation
def pump_tubule(v, pump, k_t, na_t, na_i):
    """Pump current of the tubule."""
    current, slope = pump_flow(v, pump, k_t, na_t, na_i)
    return current, slope


@equation
def potassium_out(i_ir, i_dr, i_nak):
    """K leaving [uA/cm2]; the resting flux is in no current of the membrane: a slip."""
    return i_ir + i_dr + K_REST - 2.0 * i_nak


@equation
def sodium_out(i_na, i_nak):
    """Na leaving [uA/cm2], with its resting flux likewise."""
    return i_na + NA_REST + 3.0 * i_nak


@equation
def k_t_rate(i_ir_tubule, i_dr_tubule, i_nak_tubule, k_t, k_e):
    """Change of K in the tubules."""
    out = potassium_out(i_ir_tubule, i_dr_tubule, i_nak_tubule)
    return PER_TUBULE * out - (k_t - k_e) / DIFFUSION


@equation
def k_e_rate(i_ir, i_dr, i_nak, k_t, k_e):
    """Change of K in the interstitium."""
    return PER_SPACE * potassium_out(i_ir, i_dr, i_nak) + (k_t - k_e) / OUTWARD


@equation
def k_i_rate(i_ir, i_dr, i_nak, i_ir_tubule, i_dr_tubule, i_nak_tubule):
    """Change of K in the cell."""
    tubule = potassium_out(i_ir_tubule, i_dr_tubule, i_nak_tubule)
    return -TUBULES * PER_TUBULE * tubule - PER_CELL * potassium_out(i_ir, i_dr, i_nak)


@equation
def na_t_rate(i_na_tubule, i_nak_tubule, na_t, na_e):
    """Change of Na in the tubules."""
    out = sodium_out(i_na_tubule, i_nak_tubule)
    return PER_TUBULE * out - (na_t - na_e) / DIFFUSION


@equation
def na_e_rate(i_na, i_nak, na_t, na_e):
    """Change of Na in the interstitium."""
    return PER_SPACE * sodium_out(i_na, i_nak) + (na_t - na_e) / OUTWARD


@equation
def na_i_rate(i_na, i_nak, i_na_tubule, i_nak_tubule):
    """Change of Na in the cell."""
    tubule = sodium_out(i_na_tubule, i_nak_tubule)
    return -TUBULES * PER_TUBULE * tubule - PER_CELL * sodium_out(i_na, i_nak)
