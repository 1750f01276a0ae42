"""The body behind a claim: levels over time for each draw, and the bath they make.

Every draw of the axon has one body of its own: the adult of the reference bath, with
the constants that nobody knows well drawn from ``body/spread.csv`` (+-20 %). The same
bodies live through every arm of every claim and through health, so effects are paired.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.body.causes import Cause
from neurosim.body.doses import Dose, read_dose
from neurosim.claims.draws import INSIDE
from neurosim.claims.population import Bench
from neurosim.errors import NeurosimError

BODIES = 10_000  # added to the seed, so that bodies and axons are drawn apart
LONG = 365.0  # d, what "for long" means of a cause before the start
LEAD = 180.0  # d within which a level has to be reached
SWEAT_AND_DRINK = 0.5  # d, six hours of sweat and six to drink; dose without days
COARSE, FROM = 0.2, 30.0  # d: step of runs at least so long
SAMPLES = 40  # of a course
FINE = 0.5  # d, between samples where a level ends the run
GLAND = (1e-3, 1.0)  # times normal, where the gland for a total Ca is looked for
ROUNDS = 14  # halvings on a log scale: total Ca to 1e-3 mM
STATE = (
    "ca_o", "mg_o", "k_o", "k_i", "na_o", "ph_o", "pump", "drive", "inhib", "pna_scale",
)  # fmt: skip
SAME = 1e-9  # relative; constants closer to health than this are health
# what is kept of a course
KEPT = (
    "mg_total", "mg_tissue", "ca_total", "ca_ionised", "pth", "calcitriol", "k", "na",
    "ph", "mg_i", "absorbed_mg", "urine_mg", "absorbed_ca", "oxygen_delivery",
    "atp_supply", "axon_loss_sensory", *STATE,
)  # fmt: skip


def bodies(bench: Bench) -> dict[str, np.ndarray]:
    """Return the uncertain constants of the body, name -> (draws,)."""

    def make(_: dict) -> dict[str, np.ndarray]:
        from neurosim.body.person import load_spread, population

        size, seed = bench.population.size, bench.population.seed
        drawn = population(size, seed + BODIES).parameters
        return {s.name: drawn[s.name] for s in load_spread() if s.kind == "body"}

    return bench.once("bodies", {}, make)


def levels(bench: Bench, settings: Mapping[str, Any], **changed: Any) -> Any:
    """Return what the bodies go through in one arm of a claim.

    Parameters
    ----------
    settings : the dose as the ledger has it, one value per key; ``{}`` is health.
    changed : fields of ``Dose`` that differ from what the dose says, such as
        ``treat=("stop@60",)``.

    Returns
    -------
    xarray.Dataset over (draw, time): levels of the body, time in d. Each is run once.
    """
    dose = replace(read_dose(settings), **changed)
    # a text as key, since ``Bench.once`` drops numbers of 1 as healthy
    asked = "; ".join(f"{n}={v}" for n, v in sorted({**settings, **changed}.items()))
    return bench.once("course", {"asked": asked}, lambda _: follow(bench, dose))


def follow(bench: Bench, dose: Dose) -> Any:
    """Run all bodies through one dose."""
    person, start = beginning(bench, dose)
    goes_on = dose.before if dose.treat and not dose.levels else ()
    usual = SWEAT_AND_DRINK if dose.until_mg_total is None else LEAD
    return course(
        (*goes_on, *dose.causes), person, start,
        severity=dose.severity, days=usual if dose.days is None else dose.days,
        treat=dose.treat, reset=dose.reset, until_mg_total=dose.until_mg_total,
        since=np.inf if goes_on else 0.0,
    )  # fmt: skip


def course(
    causes: tuple[Cause, ...], person: Mapping, start: Any, *, days: float, **how: Any
) -> Any:
    """Run the body, with a step that suits the length."""
    from neurosim.body.course import run

    until = how.get("until_mg_total")
    found = run(
        causes or None, person=person, start=start, days=days, record=KEPT,
        every=FINE if until is not None else days / SAMPLES,
        dt=COARSE if days >= FROM else None, **how,
    )  # fmt: skip
    if int(found["status"].max()):
        raise NeurosimError(
            f"course of {found.attrs['cause']}: {int((found['status'] > 0).sum())} "
            "bodies diverged; their constants are outside what the body is made for."
        )
    if until is not None and bool(np.isnan(found["stopped"]).any()):
        raise NeurosimError(
            f"{found.attrs['cause']}: {found.attrs['until']}; a claim that "
            "begins there needs a cause that leads there in every draw."
        )
    return found.rename(person="draw")


def beginning(bench: Bench, dose: Dose) -> tuple[dict[str, Any], Any]:
    """Return what differs in the bodies, and the state in which the run begins."""
    constants = bodies(bench)
    if "ca_total" in dose.levels:
        gland = small_gland(constants, dose.levels["ca_total"])
        return {**constants, "gland": gland}, None

    def rest(_: dict) -> Any:
        return course((), constants, None, days=SWEAT_AND_DRINK)

    healthy = bench.once("course", {"asked": "rest"}, rest)
    if "mg_total" in dose.levels:
        level = dose.levels["mg_total"]
        names = "+".join(c.name for c in dose.before) or "gut_loss"
        lead = {"cause": names, "severity": "severe", "until_mg_total": level}
        return constants, as_start(levels(bench, lead))
    if not dose.before:
        return constants, as_start(healthy)
    days = LONG if dose.before_days is None else dose.before_days
    begun = course(dose.before, constants, as_start(healthy), days=days)
    return constants, as_start(begun)


def as_start(found: Any) -> Any:
    """Return a course as the body takes it for a start."""
    return found.rename(draw="person")


def small_gland(constants: Mapping[str, np.ndarray], ca_total: float) -> np.ndarray:
    """Return the gland that leaves each body a total Ca [mM] for good, (draws,)."""
    from neurosim.body.calcium import VOLUME
    from neurosim.body.homeostasis import BODY
    from neurosim.body.levels import levels_of, rates_of
    from neurosim.body.steady import usual_states

    size = next(iter(constants.values())).size
    low, high = (np.full(size, np.log(end)) for end in GLAND)
    for _ in range(ROUNDS):
        middle = 0.5 * (low + high)
        model = BODY.along("person", **constants, gland=np.exp(middle))
        states = usual_states(model) | {"ca_plasma": np.full(size, VOLUME * ca_total)}
        for hormone in ("pth", "calcitriol"):  # both settle within days
            target = f"{hormone}_target"
            states[hormone] = levels_of(model, states, (target,))[target]
        rises = rates_of(model, states)["ca_plasma"] > 0.0
        low, high = np.where(rises, low, middle), np.where(rises, middle, high)
    return np.exp(0.5 * (low + high))


def at(found: Any, day: float | None = None) -> Any:
    """Return the levels of all draws on a day, by default the last one."""
    if day is None:
        return found.isel(time=-1)
    return found.interp(time=day)


def value(found: Any, name: str, day: float | None = None) -> np.ndarray:
    """Return one level of all draws on a day, by default the last, (draws,)."""
    return at(found[[name]], day)[name].values


def bath(found: Any, day: float | None = None) -> dict[str, Any]:
    """Return what nerve feels on a day, as a dose for ``bench.rates``.

    Returns
    -------
    name of a parameter -> number, or array (draws,); what is healthy is left out.
    """
    now = at(found[list(STATE)], day)
    given: dict[str, Any] = {}
    for name in STATE:
        values, usual = now[name].values, normal(name)
        if np.allclose(values, usual, rtol=SAME, atol=0.0):
            continue
        alike = np.allclose(values, values[0], rtol=SAME, atol=0.0)
        given[name] = float(values[0]) if alike else values
    return given


def normal(name: str) -> float:
    """Return the value that the reference bath has."""
    if name == "k_i":
        return INSIDE
    from neurosim.models import MOTOR_AXON

    param = MOTOR_AXON.parameters.get(name)
    return 1.0 if param is None else float(param.value)
