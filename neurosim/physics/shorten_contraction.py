"""Calcium, its buffers, thin filament, cross-bridges and phosphate of Shorten 2007.

Cytosol and reticulum have a small part near the release sites (1) and the rest (2); the
filaments, after Razumova, Bukatina & Campbell 1999, lie in the second. Every number is
that of the archived model (see ``models.shorten_fibre``). uM (phosphate mM), um3 of
half a sarcomere, ms.
"""

import math

from neurosim.core.jit import equation

VOLUME = math.pi * 0.5**2 * 1.1  # um3, half a sarcomere of a myofibril, archive
V_1, V_2 = 0.95 * 0.01 * VOLUME, 0.95 * 0.99 * VOLUME  # um3, cytosol, archive
SR_1, SR_2 = 0.05 * 0.01 * VOLUME, 0.05 * 0.99 * VOLUME  # um3, reticulum, archive
MIX_CA, MIX_ATP, MIX_MG = 0.75, 0.375, 1.5  # um3/ms between parts 1 and 2, archive
MIX_PI = 3.62e-6  # um3/ms, phosphate into the reticulum, archive

K_SR = 1.0  # uM, half-activation of the Ca pump, archive
T_ON, T_OFF, T_TOTAL = 0.04425, 0.115, 140.0  # 1/(uM ms), 1/ms, uM: troponin, archive
P_ON, P_OFF, P_TOTAL = 0.0417, 0.0005, 1500.0  # parvalbumin with Ca, archive
PMG_ON, PMG_OFF = 3.3e-5, 0.003  # 1/(uM ms), 1/ms: parvalbumin with Mg, archive
CS_ON, CS_OFF, CS_TOTAL = 4e-6, 0.005, 31000.0  # calsequestrin, archive
CATP_ON, CATP_OFF = 0.15, 30.0  # 1/(uM ms), 1/ms: ATP with Ca, archive
MATP_ON, MATP_OFF = 0.0015, 0.15  # 1/(uM ms), 1/ms: ATP with Mg, archive

SHUT, UNBLOCK, BLOCK = 0.15, 0.15, 0.05  # 1/ms: k0 off, kCa on, kCa off, archive
ATTACH, DETACH = 1.5, 15.0  # 1/ms: f0, fp, archive
STROKE, BACK, RELEASE = 0.24, 0.18, 0.12  # 1/ms: h0, hp, g0, archive
CLEAR = 2.867e-5  # 1/ms, phosphate taken up elsewhere, archive
FALL_OUT, DISSOLVE, SOLUBLE = 1.0, 1e-4, 6.0  # 1/(mM3 ms), 1/(mM2 ms), mM2, archive


@equation
def into_cytosol(release, uptake, sr_leak, is_open, ca, ca_sr):
    """Ca [uM um3/ms] from the reticulum: release, leak, less the pump."""
    return (release * is_open + sr_leak) * (ca_sr - ca) - uptake * ca / (ca + K_SR)


@equation
def ca_parvalbumin(ca, ca_p, mg_p):
    """Ca [uM/ms] that parvalbumin takes up."""
    return P_ON * ca * (P_TOTAL - ca_p - mg_p) - P_OFF * ca_p


@equation
def mg_parvalbumin(mg, ca_p, mg_p):
    """Mg [uM/ms] that parvalbumin takes up."""
    return PMG_ON * mg * (P_TOTAL - ca_p - mg_p) - PMG_OFF * mg_p


@equation
def ca_on_atp(ca, atp, ca_atp):
    """Ca [uM/ms] that ATP takes up."""
    return CATP_ON * ca * atp - CATP_OFF * ca_atp


@equation
def mg_on_atp(mg, atp, mg_atp):
    """Mg [uM/ms] that ATP takes up."""
    return MATP_ON * mg * atp - MATP_OFF * mg_atp


@equation
def calsequestrin(ca_sr, ca_cs):
    """Ca [uM/ms] that calsequestrin takes up."""
    return CS_ON * ca_sr * (CS_TOTAL - ca_cs) - CS_OFF * ca_cs


@equation
def ca_troponin(ca, before, after):
    """Ca [uM/ms] that one site of troponin takes up."""
    return T_ON * ca * before - T_OFF * after


@equation
def precipitation(pi_sr, ca_sr, solid):
    """Phosphate [mM/ms] that falls out with Ca above 6 mM2, or dissolves below."""
    product = 1e-3 * pi_sr * ca_sr
    over, under = max(product - SOLUBLE, 0.0), max(SOLUBLE - product, 0.0)
    return FALL_OUT * over * product - DISSOLVE * solid * under


@equation
def ca_1_rate(
    release, uptake, sr_leak, o_0, o_1, o_2, o_3, o_4, ca_1, ca_sr_1, ca_2,
    ca_p_1, mg_p_1, atp_1, ca_atp_1,
):  # fmt: skip
    """Ca near the release sites."""
    is_open = o_0 + o_1 + o_2 + o_3 + o_4
    gain = into_cytosol(release, uptake, sr_leak, is_open, ca_1, ca_sr_1)
    gain -= MIX_CA * (ca_1 - ca_2)
    bound = ca_parvalbumin(ca_1, ca_p_1, mg_p_1) + ca_on_atp(ca_1, atp_1, ca_atp_1)
    return gain / V_1 - bound


@equation
def ca_2_rate(
    uptake, sr_leak, ca_1, ca_2, ca_sr_2, ca_p_2, mg_p_2, atp_2, ca_atp_2,
    t_1, t_2, d_0, d_1, d_2, a_1, a_2,
):  # fmt: skip
    """Ca among the filaments."""
    gain = into_cytosol(0.0, uptake, sr_leak, 0.0, ca_2, ca_sr_2)
    gain += MIX_CA * (ca_1 - ca_2)
    t_0 = T_TOTAL - t_1 - t_2 - d_0 - d_1 - d_2 - a_1 - a_2
    bound = ca_troponin(ca_2, t_0, t_1) + ca_troponin(ca_2, t_1, t_2)
    bound += ca_troponin(ca_2, d_0, d_1) + ca_troponin(ca_2, d_1, d_2)
    bound += ca_parvalbumin(ca_2, ca_p_2, mg_p_2) + ca_on_atp(ca_2, atp_2, ca_atp_2)
    return gain / V_2 - bound


@equation
def ca_sr_1_rate(
    release, uptake, sr_leak, o_0, o_1, o_2, o_3, o_4, ca_1, ca_sr_1, ca_sr_2, ca_cs_1
):
    """Ca of the reticulum near the release sites."""
    is_open = o_0 + o_1 + o_2 + o_3 + o_4
    loss = into_cytosol(release, uptake, sr_leak, is_open, ca_1, ca_sr_1)
    loss += MIX_CA * (ca_sr_1 - ca_sr_2)
    return -loss / SR_1 - calsequestrin(ca_sr_1, ca_cs_1)


@equation
def ca_sr_2_rate(uptake, sr_leak, ca_2, ca_sr_1, ca_sr_2, ca_cs_2, pi_sr, pi_solid):
    """Ca of the rest of the reticulum, where it falls out with phosphate."""
    loss = into_cytosol(0.0, uptake, sr_leak, 0.0, ca_2, ca_sr_2)
    loss -= MIX_CA * (ca_sr_1 - ca_sr_2)
    solid = 1e3 * precipitation(pi_sr, ca_sr_2, pi_solid)
    return -loss / SR_2 - calsequestrin(ca_sr_2, ca_cs_2) - solid


@equation
def ca_cs_1_rate(ca_sr_1, ca_cs_1):
    """Ca on calsequestrin near the release sites."""
    return calsequestrin(ca_sr_1, ca_cs_1)


@equation
def ca_cs_2_rate(ca_sr_2, ca_cs_2):
    """Ca on calsequestrin elsewhere."""
    return calsequestrin(ca_sr_2, ca_cs_2)


@equation
def ca_p_1_rate(ca_1, ca_p_1, mg_p_1):
    """Ca on parvalbumin near the release sites."""
    return ca_parvalbumin(ca_1, ca_p_1, mg_p_1)


@equation
def ca_p_2_rate(ca_2, ca_p_2, mg_p_2):
    """Ca on parvalbumin among the filaments."""
    return ca_parvalbumin(ca_2, ca_p_2, mg_p_2)


@equation
def mg_p_1_rate(mg_1, ca_p_1, mg_p_1):
    """Mg on parvalbumin near the release sites."""
    return mg_parvalbumin(mg_1, ca_p_1, mg_p_1)


@equation
def mg_p_2_rate(mg_2, ca_p_2, mg_p_2):
    """Mg on parvalbumin among the filaments."""
    return mg_parvalbumin(mg_2, ca_p_2, mg_p_2)


@equation
def ca_atp_1_rate(ca_1, atp_1, ca_atp_1, ca_atp_2):
    """Ca on ATP near the release sites."""
    return ca_on_atp(ca_1, atp_1, ca_atp_1) - MIX_ATP * (ca_atp_1 - ca_atp_2) / V_1


@equation
def ca_atp_2_rate(ca_2, atp_2, ca_atp_1, ca_atp_2):
    """Ca on ATP among the filaments."""
    return ca_on_atp(ca_2, atp_2, ca_atp_2) + MIX_ATP * (ca_atp_1 - ca_atp_2) / V_2


@equation
def mg_atp_1_rate(mg_1, atp_1, mg_atp_1, mg_atp_2):
    """Mg on ATP near the release sites."""
    return mg_on_atp(mg_1, atp_1, mg_atp_1) - MIX_ATP * (mg_atp_1 - mg_atp_2) / V_1


@equation
def mg_atp_2_rate(mg_2, atp_2, mg_atp_1, mg_atp_2):
    """Mg on ATP among the filaments."""
    return mg_on_atp(mg_2, atp_2, mg_atp_2) + MIX_ATP * (mg_atp_1 - mg_atp_2) / V_2


@equation
def atp_1_rate(ca_1, mg_1, atp_1, atp_2, ca_atp_1, mg_atp_1):
    """Free ATP near the release sites; it is never consumed."""
    bound = ca_on_atp(ca_1, atp_1, ca_atp_1) + mg_on_atp(mg_1, atp_1, mg_atp_1)
    return -bound - MIX_ATP * (atp_1 - atp_2) / V_1


@equation
def atp_2_rate(ca_2, mg_2, atp_1, atp_2, ca_atp_2, mg_atp_2):
    """Free ATP among the filaments; it is never consumed."""
    bound = ca_on_atp(ca_2, atp_2, ca_atp_2) + mg_on_atp(mg_2, atp_2, mg_atp_2)
    return -bound + MIX_ATP * (atp_1 - atp_2) / V_2


@equation
def mg_1_rate(mg_1, mg_2, ca_p_1, mg_p_1, atp_1, mg_atp_1):
    """Free Mg near the release sites."""
    bound = mg_parvalbumin(mg_1, ca_p_1, mg_p_1) + mg_on_atp(mg_1, atp_1, mg_atp_1)
    return -bound - MIX_MG * (mg_1 - mg_2) / V_1


@equation
def mg_2_rate(mg_1, mg_2, ca_p_2, mg_p_2, atp_2, mg_atp_2):
    """Free Mg among the filaments."""
    bound = mg_parvalbumin(mg_2, ca_p_2, mg_p_2) + mg_on_atp(mg_2, atp_2, mg_atp_2)
    return -bound + MIX_MG * (mg_1 - mg_2) / V_2


@equation
def t_1_rate(ca_2, t_1, t_2, d_0, d_1, d_2, a_1, a_2):
    """Blocked units with one Ca; those with none are what is left of all."""
    t_0 = T_TOTAL - t_1 - t_2 - d_0 - d_1 - d_2 - a_1 - a_2
    return ca_troponin(ca_2, t_0, t_1) - ca_troponin(ca_2, t_1, t_2) + SHUT * d_1


@equation
def t_2_rate(ca_2, t_1, t_2, d_2):
    """Blocked units with two Ca."""
    return ca_troponin(ca_2, t_1, t_2) - UNBLOCK * t_2 + BLOCK * d_2


@equation
def d_0_rate(ca_2, d_0, d_1):
    """Free units without Ca; none comes straight from the blocked ones."""
    return -ca_troponin(ca_2, d_0, d_1) - SHUT * d_0


@equation
def d_1_rate(ca_2, d_0, d_1, d_2):
    """Free units with one Ca."""
    return ca_troponin(ca_2, d_0, d_1) - ca_troponin(ca_2, d_1, d_2) - SHUT * d_1


@equation
def d_2_rate(ca_2, t_2, d_1, d_2, a_1, a_2):
    """Free units with two Ca, which bridges may seize."""
    filament = ca_troponin(ca_2, d_1, d_2) + UNBLOCK * t_2 - BLOCK * d_2
    return filament - ATTACH * d_2 + DETACH * a_1 + RELEASE * a_2


@equation
def a_1_rate(d_2, a_1, a_2):
    """Bridges before the power stroke."""
    return ATTACH * d_2 - (DETACH + STROKE) * a_1 + BACK * a_2


@equation
def a_2_rate(a_1, a_2):
    """Bridges after the power stroke, which bear force."""
    return STROKE * a_1 - (BACK + RELEASE) * a_2


@equation
def pi_rate(a_1, a_2, pi, pi_sr):
    """Phosphate of the cytosol; power strokes are its only source."""
    made = 1e-3 * (STROKE * a_1 - BACK * a_2)
    return made - CLEAR * pi - MIX_PI * (pi - pi_sr) / V_2


@equation
def pi_sr_rate(pi, pi_sr, ca_sr_2, pi_solid):
    """Phosphate dissolved in the reticulum."""
    return MIX_PI * (pi - pi_sr) / SR_2 - precipitation(pi_sr, ca_sr_2, pi_solid)


@equation
def pi_solid_rate(pi_sr, ca_sr_2, pi_solid):
    """Phosphate fallen out with Ca."""
    return precipitation(pi_sr, ca_sr_2, pi_solid)
