"""Calcium between the reticulum and the myoplasm of a muscle fibre.

Free calcium of the myoplasm in uM, of the reticulum in mM; fluxes in uM/ms of
myoplasm. Release follows the tubular potential; the leak does not. Buffers are either
so fast and weak that they only scale the change of free calcium (ATP), or kinetic, so
that calcium is counted without a remainder.
"""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, log

FASTEST = 8.0  # 1/ms: limit of the sensor's rates, for an explicit step (chosen)
HEALTHY_MG = 0.55  # mM: free Mg of human muscle (Ryschon 1996)
HEALTHY_ATP = 8.0  # mM: of cell water (recalled)
HEALTHY_PI = 4.0  # mM: of cell water, 3 to 5 (recalled)
HEALTHY_ADP = 0.015  # mM: free (recalled)
PI_ENTERS = 50e3  # ms: half recovery from phosphate 35 s (Posterino & Fryer 1998)
RETURN = 1.8e8  # mM: ATP hydrolysis at equilibrium, -31 kJ/mol at 35 degC (recalled)


@equation
def sensor_potential(half_sensor, caffeine_um):
    """Potential [mV] of half activation; caffeine in uM lowers it (muscle.md 5.3).

    -30 mV C/(C + 1.7 mM): the -14 mV at 1.5 mM of Luttgau & Oetliker 1968.
    """
    return half_sensor - 30.0 * caffeine_um / (caffeine_um + 1700.0)


@equation
def sensor_rate(sensor, v_tubule, half_release, k_sensor, sensor_speed, ec_speed):
    """Rate [1/ms] of one of four voltage sensors; Boltzmann in the steady state."""
    x = exp((v_tubule - half_release) / (2.0 * k_sensor))
    speed = sensor_speed * ec_speed
    return min(speed * x, FASTEST) * (1.0 - sensor) - min(speed / x, FASTEST) * sensor


@equation
def shut_rate(shut, ca, shut_on, shut_off, ec_speed):
    """Rate [1/ms] at which myoplasmic calcium shuts release channels, and back."""
    return ec_speed * (shut_on * ca * (1.0 - shut) - shut_off * shut)


@equation
def release_capacity(
    release_max, release, mg_i, adrenaline, adrenaline_release, ec_speed
):
    """Permeability [1/ms] of all channels open: Mg closes them with K 2 mM.

    That gives -40 % from 1 to 3 mM Mg (Dutka & Lamb 2004, muscle.md 3.2).
    """
    by_mg = (1.0 + HEALTHY_MG / 2.0) / (1.0 + mg_i / 2.0)
    return (
        release_max
        * release
        * by_mg
        * ec_speed
        * (1.0 + adrenaline_release * adrenaline)
    )


@equation
def leak_permeability(sr_leak, mg_i, caffeine_um, ec_speed):
    """Permeability [1/ms] at rest: sparks as Mg^-1.6 (Lacampagne 1998), caffeine.

    Caffeine multiplies by 1 + (C/3 mM)^2 (muscle.md 5.3).
    """
    by_caffeine = 1.0 + (caffeine_um / 3000.0) * (caffeine_um / 3000.0)
    by_mg = exp(1.6 * log(HEALTHY_MG / mg_i))
    return sr_leak * by_mg * by_caffeine * ec_speed


@equation
def phosphate_enters(pi_sr, pi):
    """Rate [mM/ms] at which phosphate of the reticulum follows that of the cell."""
    return (pi - pi_sr) / PI_ENTERS


@equation
def released(sensor, shut, ca, ca_sr, atp, pi_sr, opening, leakage):
    """Calcium [uM/ms] that leaves the reticulum: four sensors agree, plus the leak.

    ATP half-activates at 0.13 mM (0.9 at 1 mM, Dutka & Lamb 2004). Phosphate acts where
    it precipitates with calcium, so it must first enter: 10 s at 10, 20 and 50 mM, 20 s
    at 20 mM take 12, 29, 82 and 47 % (Posterino & Fryer 1998). K 14 mM, squared, takes
    about half of that (decision 0011).
    """
    by_atp = atp * (1.0 + 0.13 / HEALTHY_ATP)
    by_pi = 1.0 + (HEALTHY_PI / 14.0) * (HEALTHY_PI / 14.0)
    limit = by_atp * by_pi / ((atp + 0.13) * (1.0 + (pi_sr / 14.0) * (pi_sr / 14.0)))
    both = sensor * sensor
    share = both * both * (1.0 - shut) * limit
    return (opening * share + leakage) * (1e3 * ca_sr - ca)


@equation
def uptake_capacity(serca_max, serca, ph_m, adrenaline, adrenaline_serca, ec_speed):
    """Largest uptake [uM/ms]: half per unit of pH lost, 0.4 to 1 (muscle.md 3.3)."""
    by_ph = min(max(1.0 - 0.5 * (7.1 - ph_m), 0.4), 1.0)
    return serca_max * serca * by_ph * ec_speed * (1.0 + adrenaline_serca * adrenaline)


@equation
def taken_up(ca, ca_sr, atp, adp, pi, uptake_max, serca_half, mg_atp):
    """Calcium [uM/ms] that SERCA carries into the reticulum, 2 per ATP.

    MgATP half-saturates at 0.2 mM, ADP halves at 2.3 mM (-30 % at 1 mM); with ADP, K
    0.064 mM, calcium slips back through the pump, so that 1 mM loads 4.4 times more
    slowly (Macdonald & Stephenson 2001). It runs backward where the gradient, squared
    for two Ca, costs more than ATP gives.
    """
    carried = atp * ca * ca - adp * pi / RETURN * (1e3 * ca_sr) * (1e3 * ca_sr)
    kept = adp + 0.064 - 0.72 * adp
    healthy = 1.0 - 0.72 * HEALTHY_ADP / (HEALTHY_ADP + 0.064)
    energy = (mg_atp * atp + 0.2) * (1.0 + adp / 2.3) * (adp + 0.064)
    bound = ca * ca + serca_half * serca_half
    return uptake_max / healthy * (mg_atp * kept * carried / (energy * bound))


@equation
def magnesium_share(mg_i):
    """Share of ATP that is MgATP; K 0.1 mM (Shorten 2007)."""
    return mg_i / (mg_i + 0.1)


@equation
def calcium_per_free(adenine, mg_i):
    """Calcium free and on ATP, per free: ATP K 0.2 mM, Mg K 0.1 mM (Shorten 2007)."""
    return 1.0 + adenine / (0.2 * (1.0 + mg_i / 0.1))


@equation
def myoplasm_rate(
    ca_release, ca_uptake, first_bound, second_bound, pv_bound, tn_total, parvalbumin,
    ca_per_free,
):  # fmt: skip
    """Free calcium of the myoplasm [uM/ms]."""
    troponin = tn_total * (first_bound + second_bound)
    net = ca_release - ca_uptake - troponin - parvalbumin * pv_bound
    return net / ca_per_free


@equation
def calsequestrin(ca_sr, csq, csq_total, csq_half, csq_off):
    """Binding to calsequestrin [mM/ms] of reticulum."""
    return csq_off * (ca_sr * (csq_total - csq) / csq_half - csq)


@equation
def reticulum_rate(ca_release, ca_uptake, csq_bound, sr_volume):
    """Free calcium of the reticulum [mM/ms]."""
    return 1e-3 * (ca_uptake - ca_release) / sr_volume - csq_bound


@equation
def calsequestrin_rate(csq_bound):
    """Calcium on calsequestrin [mM/ms]."""
    return csq_bound


@equation
def parvalbumin_calcium(ca, pv_ca, pv_mg):
    """Calcium binding to parvalbumin [1/ms]: K 12 nM (Shorten 2007)."""
    return 0.0417 * ca * (1.0 - pv_ca - pv_mg) - 0.0005 * pv_ca


@equation
def parvalbumin_calcium_rate(pv_bound):
    """Share of parvalbumin that carries calcium [1/ms]."""
    return pv_bound


@equation
def parvalbumin_magnesium_rate(pv_ca, pv_mg, mg_i):
    """Share of parvalbumin that carries magnesium [1/ms]: K 91 uM (Shorten 2007)."""
    return 3.3e-5 * 1e3 * mg_i * (1.0 - pv_ca - pv_mg) - 0.003 * pv_mg
