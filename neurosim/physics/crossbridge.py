"""Thin filament and cross-bridges: calcium in, force out.

Six shares of the regulatory units: no calcium, one, two (``tn1``, ``tn2``), switched on
(``ready``), weakly attached (``weak``), after the power stroke (``strong``). Units that
are on keep their two calcium ions. Form of Razumova, Bukatina & Campbell 1999; attached
bridges help others to switch on, which makes force steep in calcium.
"""

from neurosim.core.jit import equation
from neurosim.core.maths import exp
from neurosim.physics.reticulum import HEALTHY_PI

LN10 = 2.302585092994046  # natural logarithm of 10


@equation
def acid_factor(ph_m):
    """Factor on calcium leaving troponin: pCa50 falls 0.2 per unit of pH.

    0.4 at 15 degC and less when warm (muscle.md 3.5); 0.2 is chosen for 35 degC.
    """
    return exp(LN10 * 0.2 * (7.1 - ph_m))


@equation
def acid_attachment(attach, ph_m, ec_speed):
    """Rate of attachment [1/ms]: slower in acid, for force -8 % at pH 6.2.

    -4 to -12 % at 30 degC (Knuth 2006, muscle.md 3.8).
    """
    return attach * ec_speed * max(1.0 - 0.15 * (7.1 - ph_m), 0.1)


@equation
def first_calcium(ca, tn1, tn2, ready, weak, strong, tn_on, tn_off_1, by_acid):
    """Binding [1/ms] of the first of two calcium ions."""
    empty = 1.0 - tn1 - tn2 - ready - weak - strong
    return 2.0 * tn_on * ca * empty - tn_off_1 * by_acid * tn1


@equation
def second_calcium(ca, tn1, tn2, tn_on, tn_off_2, by_acid):
    """Binding [1/ms] of the second calcium ion."""
    return tn_on * ca * tn1 - 2.0 * tn_off_2 * by_acid * tn2


@equation
def switching(tn2, ready, weak, strong, unit_on, unit_off, helping, ec_speed):
    """Rate [1/ms] at which units with two calcium ions switch on."""
    on = unit_on * (1.0 + helping * (weak + strong))
    return ec_speed * (on * tn2 - unit_off * ready)


@equation
def attachment(ready, weak, attachable, let_go, ec_speed):
    """Rate [1/ms] at which bridges attach weakly."""
    return attachable * ready - let_go * ec_speed * weak


@equation
def power_stroke(weak, strong, pi, stroke, unstroke, ec_speed):
    """Rate [1/ms] of the power stroke; phosphate drives it back (muscle.md 3.8)."""
    return ec_speed * (stroke * weak - unstroke * (pi / HEALTHY_PI) * strong)


@equation
def detachment(strong, atp, adp, detach, mg_atp, ec_speed):
    """Rate [1/ms] at which MgATP takes bridges off; without it they stay (rigor).

    Half at 0.1 mM MgATP (rigor below about 0.1 mM); ADP competes with 0.2 mM (both
    recalled).
    """
    bound = mg_atp * atp
    return ec_speed * detach * bound / (bound + 0.1 * (1.0 + adp / 0.2)) * strong


@equation
def one_calcium_rate(first_bound, second_bound):
    """Share of units with one calcium ion [1/ms]."""
    return first_bound - second_bound


@equation
def two_calcium_rate(second_bound, switched):
    """Share of units with two calcium ions that are off [1/ms]."""
    return second_bound - switched


@equation
def ready_rate(switched, attached, detached):
    """Share of units that are on, without a bridge [1/ms]."""
    return switched - attached + detached


@equation
def weak_rate(attached, stroked):
    """Share of units with a weak bridge [1/ms]."""
    return attached - stroked


@equation
def strong_rate(stroked, detached):
    """Share of units with a bridge that bears force [1/ms]."""
    return stroked - detached


@equation
def force_fraction(strong, strong_max):
    """Force relative to a fresh fibre that is fully active."""
    return strong / strong_max
