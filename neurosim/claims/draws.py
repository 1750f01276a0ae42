"""What the criteria need to know about draws, doses and ladders."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from neurosim.errors import NeurosimError, unknown
from neurosim.physics.ions import thermal_voltage

INTERVAL = (5.0, 95.0)  # percentiles of an interval; standard rule, notes of C01
MIN_DRAWS = 100  # paired draws; standard rule, notes of C01
MIN_CONTROLS = 2000  # control draws behind "symptomatic"; notes of C01
SYMPTOMATIC = 99.0  # percentile of the controls; notes of C01
MIN_USABLE = 0.95  # share of draws that has to be finite; our own rule
INSIDE = 140.0  # mM of K in a healthy axon, design
BODY_HEAT = 37.0  # degC


def usable(*paired: np.ndarray) -> tuple[np.ndarray, str, bool]:
    """Tell which draws are finite in every array, and whether they are enough.

    Parameters
    ----------
    paired : arrays of the same draws, dims (draw,).

    Returns
    -------
    Mask, dims (draw,); words on the failed draws, empty without any; whether at least
    95 % are usable.

    Raises
    ------
    NeurosimError : for fewer than 100 draws or unequal shapes.
    """
    sizes = {np.shape(draws) for draws in paired}
    if len(sizes) > 1 or len(next(iter(sizes))) != 1:
        raise NeurosimError(
            f"Paired draws have the shapes {sorted(sizes)}; give one value per draw."
        )
    keep = np.logical_and.reduce([np.isfinite(draws) for draws in paired])
    if keep.size < MIN_DRAWS:
        raise NeurosimError(
            f"{keep.size} draws were given; a verdict needs at least {MIN_DRAWS}."
        )
    failed = keep.size - np.count_nonzero(keep)
    if not failed:
        return keep, "", True
    enough = failed <= (1 - MIN_USABLE) * keep.size
    rest = (
        "they count for neither sign"
        if enough
        else f"refused, since {MIN_USABLE:.0%} have to be usable"
    )
    return keep, f"; {failed} of {keep.size} draws failed, {rest}", enough


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Return median, 5th and 95th percentile of usable draws, dims (draw,)."""
    low, high = np.percentile(values, INTERVAL)
    return float(np.median(values)), float(low), float(high)


def share_removed(effect: np.ndarray, reset: np.ndarray) -> np.ndarray:
    """Return the share of an effect that a reset removes, draw by draw.

    Parameters
    ----------
    effect, reset : effect with all pathways, and with one of them reset, dims (draw,).

    Returns
    -------
    1 - reset/effect; 0 where there is no effect to remove, dims (draw,).
    """
    effect, reset = np.asarray(effect, float), np.asarray(reset, float)
    some = effect != 0
    return np.where(some, 1.0 - reset / np.where(some, effect, 1.0), 0.0 * reset)


def monotone(
    medians: Sequence[float], direction: str, rtol: float = 0.0, *, strict: bool = False
) -> bool:
    """Tell whether medians along a ladder never turn back.

    Parameters
    ----------
    medians : in the order of the ladder; one that is not finite makes it False.
    direction : "up" for non-decreasing, "down" for non-increasing.
    rtol : size of a step that counts as none, relative to the largest magnitude.
    strict : every step has to go the right way.
    """
    values = np.asarray(medians, float)
    if direction not in ("up", "down"):
        raise unknown(direction, "A ladder", ("up", "down"))
    if values.size < 2:
        raise NeurosimError(f"A ladder needs two steps or more, not {values.size}.")
    if not np.all(np.isfinite(values)):
        return False
    steps = np.diff(values) * (1 if direction == "up" else -1)
    slack = rtol * np.max(np.abs(values))
    return bool(np.all(steps > slack) if strict else np.all(steps >= -slack))


def smallest_dose(doses: Sequence, passed: Sequence[bool]):
    """Return the first dose that passes, or None; ``doses`` go from mild to severe."""
    pairs = list(zip(doses, passed, strict=True))
    return next((dose for dose, good in pairs if good), None)


def symptomatic(rates: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """Tell which rates lie above the 99th percentile of the controls.

    Parameters
    ----------
    rates : R_sp [1/min], dims (draw,); NaN stays NaN.
    controls : R_sp of at least 2000 control draws [1/min], dims (draw,).

    Returns
    -------
    1 where symptomatic, 0 where not, dims (draw,).
    """
    rates, controls = np.asarray(rates, float), np.asarray(controls, float)
    if controls.size < MIN_CONTROLS or not np.all(np.isfinite(controls)):
        raise NeurosimError(
            f"{np.count_nonzero(np.isfinite(controls))} finite control draws out of "
            f"{controls.size}; 'symptomatic' needs at least {MIN_CONTROLS}, all finite."
        )
    above = rates > np.percentile(controls, SYMPTOMATIC)
    return np.where(np.isfinite(rates), above, np.nan)


def bootstrap_interval(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], float] | None = None,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the central bootstrap interval of a statistic of the draws.

    Parameters
    ----------
    values : resampled along their first axis, dims (draw, ...).
    statistic : of one resample, to a number; by default the mean of numbers, (draw,).
    level : share of resamples inside the interval, 0 to 1.
    resamples, seed : number of resamples and seed of their choice.
    """
    values = np.asarray(values)
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(values), size=(resamples, len(values)))
    if statistic is None:
        found = values[picks].mean(axis=1)
    else:
        found = np.array([statistic(values[each]) for each in picks])
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def with_reversal(dose: dict, values: Mapping[str, np.ndarray]) -> dict:
    """Return a dose in which potassium inside the axon is part of its reversal.

    Parameters
    ----------
    dose : may hold ``k_i``, mM. values : of the draws; fibres have no such reversal
        and drop it, since their potassium inside moves by itself.
    """
    given = {n: v for n, v in dose.items() if n != "k_i"}
    if "k_i" in dose and "e_k_rest" in values:
        slope = given.get("k_coupling", values["k_coupling"])
        moved = slope * thermal_voltage(BODY_HEAT) * np.log(INSIDE / dose["k_i"])
        given["e_k_rest"] = given.get("e_k_rest", values["e_k_rest"]) + moved
    return given
