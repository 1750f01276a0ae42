"""What rest and R_sp say of vitamins B and iron; the force decides most of it."""

from dataclasses import replace

from neurosim.claims.course import levels, value
from neurosim.claims.criteria import ratio_rule
from neurosim.claims.draws import interval
from neurosim.claims.judge import Judged, doses_of, part, settings_of, waits
from neurosim.claims.levels import linked
from neurosim.claims.linked import FORCE, firing
from neurosim.claims.population import Bench
from neurosim.claims.rates import UNIT, standard
from neurosim.claims.verdict import REPORTED, Outcome


def weak_b1(bench: Bench) -> Judged:
    """C58: rest of the axon is reported; the force decides (``energy``)."""
    given = settings_of(doses_of("C58")[""])
    healthy, dosed = bench.excitability([{}, given])
    effect, low, high = interval(dosed["rest"] - healthy["rest"])
    rest = Outcome(REPORTED, effect, low, high, None, "rest of the axon moves so")
    return [part(bench, rest, "C58", name="v_rest", unit="mV")], []


def little_b6(bench: Bench) -> Judged:
    """C59: R_sp with a loss of inhibition."""
    outcome = standard(bench, doses_of("C59")[""])
    words = f"{outcome.reason}; the loss of inhibition is assumed"
    return [part(bench, replace(outcome, reason=words), "C59", name="r_sp",
                 unit=UNIT)], []  # fmt: skip


def three_vitamins(bench: Bench) -> Judged:
    """C61: conduction and force together decide."""
    return [waits("C61", "recovery", "", FORCE, "linked")], []


def anaemia(bench: Bench) -> Judged:
    """C62: R_sp at rest; half relaxation is judged in ``energy``."""
    return [firing(bench, "C62", mode="direct")], []


def too_much_b6(bench: Bench) -> Judged:
    """C60: the response of a sensory nerve is the sum over its axons."""
    lost = value(levels(bench, doses_of("C60")[""]), "axon_loss_sensory")
    outcome = ratio_rule(1.0 - lost, 0.90, "down")
    words = "the loss of axons is put in, the spikes of the others are unchanged"
    return [linked(bench, outcome, "C60", name="sensory_amplitude", unit="ratio",
                   mode="direct", words=words)], []  # fmt: skip


EVALUATED = {
    "C58": weak_b1,
    "C59": little_b6,
    "C60": too_much_b6,
    "C61": three_vitamins,
    "C62": anaemia,
}
