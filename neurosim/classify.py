"""The clinical sign of a discharge: from spikes and force to a name, and why.

``features_of`` measures a spontaneous discharge (muscle.md 6.2), ``classify`` walks
down ``RULES`` (muscle.md 6.3) and stops at the first that holds. How the table is read:

* Spikes are the fibre's, which an electrode sees; the axon's only where no fibre is
  given. A fibre spike without an axon spike up to 10 ms before it began in the muscle.
* A multiplet has intervals up to 25 ms, so the table's floor of 30 /s in it is 40 /s.
* Groups and bursts are such only if at least three hold half of all spikes and the
  pauses (median) are twice the intervals within: a run with a few chance gaps has none.
* Cramp stands before tetany, but a run made of multiplets is not "continuous".
* "Force partly fused" in tetany is not asked again: four spikes at 40 /s follow each
  other faster than any muscle relaxes. The ripple is a feature.
* Two or three spikes a group are "latent tetany", a sign of its own and no tetany:
  16 of 18 normal people have it in the ischaemia test (Deecke 1983).
* "Slow relaxation" is long half relaxation alone, in a muscle as silent as in
  contracture. The rate of silence is that of the whole window.
* "No AP" at a lost rest: no spike in the window and none known from the test.
* Myotonia and neuromyotonia need to know the origin: without an axon train there is no
  myotonia, and a run at 150 /s is taken for the axon's.
* A cramp's force is at or above half for more than half of the run; the one force a
  spasm needs may come up to 100 ms after its last spike.
* Intervals of twitches are those between the starts of events (spikes up to 100 ms
  apart); the typical event (median) has one or two spikes. Force has to fall back
  between them, and after the last if the window shows 300 ms of it.
* Spasm ends where cramp begins, at 3 s, whatever the force. What fires or pulls but
  fits no row is "unclassified"; "quiet" is for silence.
* A pool shows the sign of its busiest unit, with the force of all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from neurosim.discharge import Features, features_of
from neurosim.errors import NeurosimError

__all__ = ["RULES", "SIGNS", "Rule", "Sign", "classify", "classify_pool", "features_of"]

WEAK, CONTRACTURE, SLOW = "weak", "contracture", "slow relaxation"
MYOTONIA, NEUROMYOTONIA, CRAMP = "myotonia", "neuromyotonia", "cramp"
TETANY, LATENT, MYOKYMIA = "tetany", "latent tetany", "myokymia"
SPASM, TWITCH, QUIET, UNCLASSIFIED = "spasm", "twitch", "quiet", "unclassified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table.

    name : of the rule. sign : what it says. holds : of features. because : a sentence
    with the numbers of features ``f``. citation : where its limits come from.
    """

    name: str
    sign: str
    holds: Callable[[Features], bool]
    because: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a discharge is called, by which rule, why, by whose limits, from what."""

    sign: str
    rule: str
    why: str
    citation: str
    features: Features


def no_transmission(f: Features) -> bool:
    """Tell whether fewer than 80 % of the test stimuli at 10 Hz reach the fibre."""
    return f.transmission < 0.8


def no_force(f: Features) -> bool:
    """Tell whether the test tetanus gives less than 70 % of the healthy force."""
    return f.tetanic_force < 0.7


def no_rest(f: Features) -> bool:
    """Tell whether rest lies above -65 mV and nothing is known to fire."""
    return f.v_rest > -65.0 and f.spikes == 0 and not f.transmission > 0.0


def silence(f: Features) -> bool:
    """Tell whether there are fewer than 0.2 spikes per second."""
    return f.rate < 0.2


def silent_force(f: Features) -> bool:
    """Find force above 10 % for more than 1 s in silence."""
    return silence(f) and f.held > 1.0


def slow_relaxation(f: Features) -> bool:
    """Find half relaxation above 1.5 times its baseline, in silence."""
    return silence(f) and f.half_relaxation > 1.5


def outlasting(f: Features) -> bool:
    """Find a run from the muscle: 20-80 /s, 0.5 s or more, slowing by over 20 %."""
    run = f.muscle_run
    return run.duration >= 0.5 and 20.0 <= run.rate <= 80.0 and run.fall > 0.2


def very_fast(f: Features) -> bool:
    """Find ten spikes or more at 150 /s or more, from the axon."""
    return f.fastest.spikes >= 10 and f.fastest.f_in >= 150.0


def sustained(f: Features) -> bool:
    """Find a strong run: 3 s or more, 6-60 /s (150 in an axon), not made of groups."""
    top = 150.0 if f.seen_in == "axon" else 60.0
    steady = f.run.duration >= 3.0 and 6.0 <= f.run.rate <= top
    return steady and f.run_tense > 0.5 and not f.grouped


def multiplets(f: Features) -> bool:
    """Find groups of four spikes or more: three or more, 2-20 /s, for 2 s or more."""
    b = f.multiplets
    told = b.groups >= 3 and b.duration >= 2.0 and 2.0 <= b.rate <= 20.0
    return f.grouped and told and 30.0 <= b.f_in <= 300.0


def doublets(f: Features) -> bool:
    """Find groups of two spikes or more, 4-15 /s, for 5 s or more."""
    b = f.doublets
    return f.grouped and b.duration >= 5.0 and 4.0 <= b.rate <= 15.0


def regular_bursts(f: Features) -> bool:
    """Find bursts of 2-10 spikes: three or more, 2-60 /s, regular, every 0.1-10 s."""
    regular = 0.1 <= f.burst_period <= 10.0 and f.burst_cv < 0.3
    return f.bursty and regular and 2.0 <= f.burst_rate <= 60.0


def short_run(f: Features) -> bool:
    """Find a run of 0.25 s to below 3 s at 6-60 /s that pulls 30 % or more."""
    run = f.run
    return 0.25 <= run.duration < 3.0 and 6.0 <= run.rate <= 60.0 and f.run_peak >= 0.3


def isolated(f: Features) -> bool:
    """Find single spikes or pairs, 300 ms apart, force below 10 % between them."""
    apart = f.events == 1 or f.event_interval > 300.0
    return f.spikes > 0 and f.event_spikes <= 2.0 and apart and not f.valley >= 0.1


def nothing(f: Features) -> bool:
    """Tell whether nothing fires (silent force has a rule before this one)."""
    return f.spikes == 0


CHOSEN = "limits chosen (muscle.md 6.3)"
RULES = (
    Rule(name="transmission", sign=WEAK, holds=no_transmission,
         because="the fibre answers {f.transmission:.2f} of the test stimuli at 10 Hz, "
                 "less than 0.80",
         citation=f"{CHOSEN}; block by Mg at 5-7 mM (muscle.md 5.1)"),
    Rule(name="tetanic force", sign=WEAK, holds=no_force,
         because="the test tetanus gives {f.tetanic_force:.2f} of the healthy force, "
                 "less than 0.70",
         citation=CHOSEN),
    Rule(name="lost rest", sign=WEAK, holds=no_rest,
         because="the fibre rests at {f.v_rest:.1f} mV, above -65, and does not fire",
         citation=f"{CHOSEN}; second resting state (muscle.md 2.5)"),
    Rule(name="silent force", sign=CONTRACTURE, holds=silent_force,
         because="prolonged contraction: force above 10 % for {f.held:.1f} s with "
                 "{f.rate:.2f} spikes/s",
         citation=f"silent with force: Brody disease, contracture, rigor (muscle.md "
                  f"6.1); {CHOSEN}"),
    Rule(name="slow relaxation", sign=SLOW, holds=slow_relaxation,
         because="half relaxation takes {f.half_relaxation:.2f} times its healthy time "
                 "with {f.rate:.2f} spikes/s",
         citation=f"half relaxation goes as 1/SERCA (muscle.md 9.2); {CHOSEN}"),
    Rule(name="after-discharge", sign=MYOTONIA, holds=outlasting,
         because="the fibre fires without its axon for {f.muscle_run.duration:.1f} s "
                 "at {f.muscle_run.rate:.0f} /s, and slows by {f.muscle_run.fall:.0%}",
         citation="AANEM glossary of electrodiagnostic terms: myotonic discharge"),
    Rule(name="very fast run", sign=NEUROMYOTONIA, holds=very_fast,
         because="the axon fires {f.fastest.spikes} spikes at {f.fastest.f_in:.0f} /s",
         citation="AANEM glossary (150-300 Hz, recalled); Maddison 2006"),
    Rule(name="sustained run", sign=CRAMP, holds=sustained,
         because="{f.run.spikes} spikes in {f.run.duration:.1f} s without a gap above "
                 "250 ms, {f.run.rate:.1f} /s; force at or above 50 % for "
                 "{f.run_tense:.0%} of it",
         citation="Minetto et al. 2009, J Neurophysiol 102:1890; Ross & Thomas 1995"),
    Rule(name="multiplets", sign=TETANY, holds=multiplets,
         because="{f.multiplets.groups} groups of four spikes or more at "
                 "{f.multiplets.f_in:.0f} /s within, recurring {f.multiplets.rate:.1f} "
                 "times a second for {f.multiplets.duration:.1f} s; ripple of force "
                 "{f.ripple:.0%}",
         citation="Deecke 1983 (quadruplets, rhythmic, for 2 min in patients)"),
    Rule(name="doublets", sign=LATENT, holds=doublets,
         because="{f.doublets.groups} groups of few spikes, recurring "
                 "{f.doublets.rate:.1f} times a second for {f.doublets.duration:.1f} s",
         citation="Deecke 1983 (doublets and triplets in 16 of 18 normal people)"),
    Rule(name="regular bursts", sign=MYOKYMIA, holds=regular_bursts,
         because="{f.bursts} bursts at {f.burst_rate:.0f} /s within, every "
                 "{f.burst_period:.1f} s with a CV of {f.burst_cv:.2f}",
         citation="AANEM glossary: myokymic discharge (recalled)"),
    Rule(name="short run", sign=SPASM, holds=short_run,
         because="{f.run.spikes} spikes in {f.run.duration:.2f} s, "
                 "{f.run.rate:.1f} /s; force reaches {f.run_peak:.0%}",
         citation=f"between twitches and cramp; {CHOSEN}"),
    Rule(name="isolated spikes", sign=TWITCH, holds=isolated,
         because="{f.events} events of typically {f.event_spikes:.0f} spike(s) in "
                 "{f.window:.0f} s; force reaches {f.peak:.0%} and falls back",
         citation="AANEM glossary: fasciculation potential"),
    Rule(name="silence", sign=QUIET, holds=nothing,
         because="no spike in {f.window:.0f} s; force reaches {f.peak:.0%}",
         citation=CHOSEN),
    Rule(name="no rule", sign=UNCLASSIFIED, holds=lambda f: True,
         because="{f.spikes} spikes in {f.window:.0f} s, longest run "
                 "{f.run.duration:.1f} s, highest force {f.peak:.0%}: no row fits",
         citation=CHOSEN),
)  # fmt: skip
SIGNS = tuple(dict.fromkeys(rule.sign for rule in RULES))


def classify(features: Features) -> Sign:
    """Name the sign of a discharge: the first rule that holds.

    Parameters
    ----------
    features : of ``features_of``.

    Returns
    -------
    Sign, with the rule, a sentence with the numbers measured, and a citation. A feature
    that is NaN (not tested, not there) meets no limit.

    Raises
    ------
    NeurosimError : for anything but ``Features``.
    """
    if not isinstance(features, Features):
        raise NeurosimError(
            f"classify was given {type(features).__name__}; give it what features_of "
            "returns."
        )
    rule = next(rule for rule in RULES if rule.holds(features))
    return Sign(
        sign=rule.sign,
        rule=rule.name,
        why=rule.because.format(f=features),
        citation=rule.citation,
        features=features,
    )


def classify_pool(**given: Any) -> Sign:
    """Name the sign of a motor pool: that of its busiest unit, with the pooled force.

    Parameters
    ----------
    given : as ``features_of`` takes it; trains (units, spikes), ms, NaN-padded; force
        (samples,) a fraction of the tetanus of the whole pool.

    Returns
    -------
    Sign; ``why`` says how many units fired.
    """
    from dataclasses import replace

    found = classify(features_of(**given))
    units = found.features.units
    return replace(found, why=f"{found.why}; units that fire: {units}")
