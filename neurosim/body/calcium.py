"""Calcium, parathyroid hormone (PTH) and calcitriol, with what magnesium does to them.

Secretion follows plasma magnesium, resistance of the target organs follows tissue
magnesium: on repletion PTH therefore rises before calcium does. PTH and calcitriol are
relative to normal.
"""

from neurosim.body.binding import CALCIUM_FRACTION, MAGNESIUM_FRACTION
from neurosim.body.common import (
    CALCIUM_IONISED,
    CALCIUM_TOTAL,
    FILTRATE,
    MAGNESIUM_TOTAL,
    available,
    flow,
    hill4,
    softplus,
    softplus_inverse,
    switched,
    times,
)
from neurosim.core.jit import equation
from neurosim.core.maths import exp, log
from neurosim.declare import Derived, Param, State

VOLUME = 15.0  # L, extracellular water
USUAL_INTAKE = 25.0  # mmol/d, 1000 mg
LEAST, SPAN = 0.10, 0.40  # 1, share absorbed without calcitriol and added by it
SECRETED = 3.5  # mmol/d into the gut
USUAL_URINE = USUAL_INTAKE * (LEAST + SPAN / 2) - SECRETED  # 4 mmol/d
SPLAY = 0.05  # mM, of the renal threshold
FILTERED = 1.12  # mM filtered per mM ionised: complexed calcium is filtered too
PTH_TIME, CALCITRIOL_TIME = 0.01, 0.35  # d, turnover


@equation
def normal_ionised(ca_set):
    """mM, ionised calcium of this person in health."""
    return CALCIUM_FRACTION * ca_set


@equation
def renal_threshold(ca_normal):
    """mM: threshold that closes the balance at the usual intake."""
    return FILTERED * ca_normal - SPLAY * softplus_inverse(
        USUAL_URINE / (FILTRATE * SPLAY)
    )


@equation
def plasma_calcium(ca_plasma, body_size, volume_share):
    """mM, total."""
    return ca_plasma / (VOLUME * body_size * volume_share)


@equation
def inverse_sigmoid(ionised, midpoint, pth_most, pth_least, pth_steepness):
    """Secretion of the gland against ionised calcium."""
    high = 1.0 / (1.0 + exp(-pth_steepness * log(max(ionised, 1e-6) / midpoint)))
    return pth_most - (pth_most - pth_least) * high


@equation
def secretion(
    ca_ionised, ca_normal, mg_ionised, mg_set, gate_plasma, gland, pth_midpoint,
    pth_most, pth_least, pth_steepness, set_point_shift, shift_power, mg_agonism,
    ca_pth, mg_pth_agonism, mg_pth_set_point, mg_pth_secretion,
):  # fmt: skip
    """PTH towards which the gland works, relative to normal."""
    usual = pth_midpoint * ca_normal / CALCIUM_IONISED
    closed = exp(shift_power * log(max(1.0 - gate_plasma, 1e-300)))
    shifted = usual * (1.0 - mg_pth_set_point * set_point_shift * closed)
    sensed = ca_normal + ca_pth * (ca_ionised - ca_normal)
    extra = max(mg_ionised - MAGNESIUM_FRACTION * mg_set, 0.0)
    sensed += mg_pth_agonism * mg_agonism * extra
    now = inverse_sigmoid(sensed, shifted, pth_most, pth_least, pth_steepness)
    normal = inverse_sigmoid(ca_normal, usual, pth_most, pth_least, pth_steepness)
    return gland * now / normal * switched(gate_plasma, mg_pth_secretion)


@equation
def pth_rate(pth, pth_target):
    """1/d."""
    return (pth_target - pth) / PTH_TIME


@equation
def sensitivity(mg_tissue, mg_resistance_half, mg_pth_resistance):
    """Return how well the target organs answer to PTH: 1 when replete."""
    now = hill4(MAGNESIUM_TOTAL * mg_tissue, mg_resistance_half)
    full = hill4(MAGNESIUM_TOTAL, mg_resistance_half)
    return switched(min(1.0, now / full), mg_pth_resistance)


@equation
def pth_acting(pth, pth_sensitivity):
    """Effect of PTH after resistance."""
    return max(pth, 0.0) * pth_sensitivity


@equation
def hydroxylase(mg_tissue, hydroxylase_power):
    """Return what tissue magnesium leaves of the enzyme's speed."""
    return exp(hydroxylase_power * log(min(1.0, max(mg_tissue, 1e-9))))


@equation
def hydroxylation(
    vitamin_d, pth_effect, gfr, body_size, calcitriol_dose, gate_hydroxylase,
    vitamin_d_calcitriol, pth_calcitriol, gfr_calcitriol, mg_calcitriol,
):  # fmt: skip
    """Calcitriol towards which the kidney works, relative to normal."""
    supply = vitamin_d / (vitamin_d + 20.0) * (95.0 / 75.0)
    drive = exp(0.4 * log(max(pth_effect, 1e-9)))
    kidney = min(1.0, gfr / (FILTRATE * body_size)) ** 0.5
    made = switched(supply, vitamin_d_calcitriol) * switched(drive, pth_calcitriol)
    made *= switched(gate_hydroxylase, mg_calcitriol)
    return made * switched(kidney, gfr_calcitriol) + calcitriol_dose


@equation
def calcitriol_rate(calcitriol, calcitriol_target):
    """1/d."""
    return (calcitriol_target - calcitriol) / CALCITRIOL_TIME


@equation
def absorbed_calcium(
    ca_intake, ca_absorption, calcitriol, ca_total, body_size, calcitriol_absorption
):
    """mmol/d from the gut, net of secretion into it."""
    acting = max(switched(calcitriol, calcitriol_absorption), 0.0)
    share = LEAST + SPAN * acting**2 / (acting**2 + 1.0)
    secreted = body_size * SECRETED * available(ca_total, 0.5)
    return ca_intake * ca_absorption * share - secreted


@equation
def bone_release(
    pth_effect, calcitriol, ca_ionised, ca_normal, bone_exchange, bone_hormonal,
    gate_hydroxylase, body_size, pth_bone, calcitriol_bone, mg_calcitriol,
):  # fmt: skip
    """mmol/d from bone, which calcitriol permits.

    What lack of magnesium takes from calcitriol is not missed here: calcium comes back
    on magnesium while calcitriol is still low.
    """
    lacking = max(switched(gate_hydroxylase, mg_calcitriol), 0.01)
    permitted = min(1.3, (max(calcitriol, 0.0) / lacking) ** 2)
    acting = switched(pth_effect, pth_bone) * switched(permitted, calcitriol_bone)
    pull = 1.0 - bone_hormonal + bone_hormonal * 2.0 * acting / (1.0 + acting)
    return body_size * bone_exchange * (pull - ca_ionised / ca_normal)


@equation
def urine_calcium(
    ca_ionised, gfr, ca_threshold, ca_renal_threshold, pth_effect, pth_kidney
):
    """mmol/d; PTH raises the threshold."""
    held = 0.10 * pth_kidney * log(max(pth_effect, 0.03))
    above = FILTERED * ca_ionised - ca_threshold - ca_renal_threshold - held
    over = gfr * SPLAY * softplus(above / SPLAY)
    return min(over, gfr * FILTERED * max(ca_ionised, 0.0))


@equation
def sweat_calcium(sweat, sweat_ca, ca_total):
    """mmol/d."""
    return sweat * sweat_ca * available(ca_total, 0.5)


@equation
def calcium_balance(absorbed_ca, ca_infusion, ca_from_bone, urine_ca, sweated_ca):
    """mmol/d into plasma."""
    return absorbed_ca + ca_infusion + ca_from_bone - urine_ca - sweated_ca


STATES = (
    State("ca_plasma", CALCIUM_TOTAL * VOLUME, "mmol", "Ca in extracellular water",
          calcium_balance),
    State("pth", 1.0, "1", "parathyroid hormone, 1 = normal", pth_rate),
    State("calcitriol", 1.0, "1", "calcitriol, 1 = normal", calcitriol_rate),
)  # fmt: skip
PARAMS = (
    flow("ca_intake", USUAL_INTAKE, "Ca eaten"),
    times("ca_absorption", "absorption of Ca"),
    Param("vitamin_d", 75.0, "nmol/L", "25-hydroxyvitamin D", low=0.1, high=1000.0),
    times("gland", "parathyroid tissue"),
    Param("ca_renal_threshold", 0.0, "mM", "change of the renal threshold of Ca",
          low=-0.5, high=0.5),
    flow("ca_infusion", 0.0, "Ca into a vein"),
    Param("calcitriol_dose", 0.0, "1", "calcitriol given, as multiples of normal",
          low=0.0, high=20.0),
    Param("ca_set", CALCIUM_TOTAL, "mM", "total Ca of this person in health", "design",
          low=2.0, high=2.8),
    Param("pth_midpoint", 1.13, "mM", "ionised Ca at half of the range", "Brown 1994",
          low=0.8, high=1.5),
    Param("pth_most", 4.2, "1", "largest secretion", "clamps 1988", low=1.1, high=30.0),
    Param("pth_least", 0.24, "1", "smallest secretion", "clamps 1993", low=0.0,
          high=0.9),
    Param("pth_steepness", 14.2, "1", "steepness of secretion", "from both set-points",
          low=1.0, high=60.0),
    Param("set_point_shift", 0.30, "1", "largest left shift of the set-point in Mg "
          "deficiency", "fit to Fatemi 1991", low=0.0, high=0.8),
    Param("shift_power", 1.0, "1", "how it follows the closing of the plasma Mg gate",
          "proportional", low=1.0, high=4.0),
    Param("mg_resistance_half", 0.40, "mM", "tissue Mg, as plasma, at half of the "
          "answer to PTH", "assumed", low=0.05, high=0.8),
    Param("mg_agonism", 0.0, "1", "Ca that Mg above normal counts for at the gland's "
          "receptor", "assumed", low=0.0, high=1.0),
    Param("hydroxylase_power", 0.0, "1", "how the making of calcitriol follows tissue "
          "Mg", "assumed", low=0.0, high=3.0),
    flow("bone_exchange", 88.0, "fast exchange with bone", "OpenBoneMin"),
    Param("bone_hormonal", 0.30, "1", "share of it that hormones govern",
          "ionised Ca 0.88 without PTH", low=0.0, high=1.0),
)  # fmt: skip
DERIVED = (
    Derived("ca_normal", normal_ionised, "mM", "ionised calcium in health"),
    Derived("ca_threshold", renal_threshold, "mM", "renal threshold of Ca"),
    Derived("ca_total", plasma_calcium, "mM", "total calcium of plasma"),
    Derived("pth_target", secretion, "1", "PTH towards which the gland works"),
    Derived("pth_sensitivity", sensitivity, "1", "answer of the organs to PTH"),
    Derived("pth_effect", pth_acting, "1", "effect of PTH after resistance"),
    Derived("gate_hydroxylase", hydroxylase, "1", "tissue Mg on 25(OH)D hydroxylation"),
    Derived("calcitriol_target", hydroxylation, "1", "calcitriol that is made"),
    Derived("absorbed_ca", absorbed_calcium, "mmol/d", "Ca absorbed, net"),
    Derived("ca_from_bone", bone_release, "mmol/d", "Ca released from bone"),
    Derived("urine_ca", urine_calcium, "mmol/d", "Ca in urine"),
    Derived("sweated_ca", sweat_calcium, "mmol/d", "Ca in sweat"),
)
