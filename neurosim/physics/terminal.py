"""The motor nerve terminal inside a model: from the axon's potential to quanta.

An impulse at the last node opens the way to the primed vesicles once, whatever its
size and length: what it can use (1 - ``spent``) is used up while the node is
depolarised, and comes back when it is over. Vesicles, refilling and facilitation then
follow the law of ``release`` as ``neurosim.junction`` does, with mean quanta.
"""

from neurosim.core.jit import equation
from neurosim.core.maths import ln, sigmoid
from neurosim.physics.endplate import transmitter_rate
from neurosim.physics.release import relative_release, release_probability

SPEED = 20.0  # 1/ms at which an impulse spends its share: done within 0.2 ms (chosen)
BACK = 1.0  # ms until the next impulse finds all of it again (chosen)


@equation
def there(v_node):
    """Tell how much of an impulse is there: half at -20 mV, 2 mV wide (chosen)."""
    return sigmoid((v_node + 20.0) / 2.0)


@equation
def arriving(v_node, spent):
    """Impulses that arrive [1/ms]; 1 in all for each."""
    return SPEED * there(v_node) * (1.0 - spent)


@equation
def spent_rate(v_node, spent):
    """Share of the present impulse that has been used [1/ms]."""
    return arriving(v_node, spent) - (1.0 - there(v_node)) * spent / BACK


@equation
def facilitation_rate(v_node, spent, facilitation, facilitated, fading):
    """Facilitation [1/ms]: half of what an impulse adds, and its fading."""
    return 0.5 * facilitated * arriving(v_node, spent) - facilitation / fading


@equation
def quick_facilitation(v_node, spent, quick, facilitated, fades_quick):
    """Part of facilitation that fades soon [1/ms]."""
    return facilitation_rate(v_node, spent, quick, facilitated, fades_quick)


@equation
def lasting_facilitation(v_node, spent, lasting, facilitated, fades_late):
    """Part of facilitation that lasts [1/ms]."""
    return facilitation_rate(v_node, spent, lasting, facilitated, fades_late)


@equation
def chance(released_share, quick, lasting, chance_rested):
    """Chance that a primed vesicle is released by an impulse, at most 0.95."""
    facilitation = quick + lasting
    return min(release_probability(released_share, facilitation, chance_rested), 0.95)


@equation
def hazard(v_node, spent, quick, lasting, released_share, chance_rested):
    """Rate [1/ms] at which a primed vesicle is released: the chance in all."""
    left = 1.0 - chance(released_share, quick, lasting, chance_rested)
    return -ln(left) * arriving(v_node, spent)


@equation
def quick_pool(
    v_node, spent, quick, lasting, primed_quick, released_share, chance_rested,
    refill_quick,
):  # fmt: skip
    """Primed vesicles of the pool that refills soon, share of its sites [1/ms]."""
    rate = hazard(v_node, spent, quick, lasting, released_share, chance_rested)
    return (1.0 - primed_quick) / refill_quick - rate * primed_quick


@equation
def slow_pool(
    v_node, spent, quick, lasting, primed_slow, released_share, chance_rested,
    refill_slow,
):  # fmt: skip
    """Primed vesicles of the pool that refills late, share of its sites [1/ms]."""
    rate = hazard(v_node, spent, quick, lasting, released_share, chance_rested)
    return (1.0 - primed_slow) / refill_slow - rate * primed_slow


@equation
def cleft_rate(
    ach, rise_ep, speed_ep, v_node, spent, quick, lasting, primed_quick,
    primed_slow, released_share, chance_rested, sites_quick, sites_slow,
):  # fmt: skip
    """Quanta in the cleft [1/ms]: those released, and those that open no more."""
    rate = hazard(v_node, spent, quick, lasting, released_share, chance_rested)
    released = rate * (sites_quick * primed_quick + sites_slow * primed_slow)
    return released + transmitter_rate(ach, rise_ep, speed_ep)


@equation
def share_of_release(ca_o, mg_o, k_ca, k_mg, release_power):
    """Release relative to the healthy bath; see ``release.relative_release``."""
    return relative_release(ca_o, mg_o, k_ca, k_mg, release_power)
