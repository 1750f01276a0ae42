"""A fibre whose myelin is thin, or gone from some of its internodes.

A larger g-ratio (axon over fibre diameter) is fewer lamellae around the same axon. The
capacitance and the leak of a sheath are those of one membrane, over two membranes per
lamella, on the area of the fibre (nerve.md 1, muscle.md 7.2); lamellae are equally
thick (13 nm at 10 um, McIntyre et al. 2002, table 1). Both therefore grow as
(1 - g_healthy) / (1 - g). Periaxonal gaps, paranodes and channels stay.

An internode that is lost is bare axolemma with the channels it has under myelin, which
are no Na channels: nothing there is remade.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

import numpy as np

from neurosim.core.cable import COVERED
from neurosim.declare import Cable, Param
from neurosim.errors import NeurosimError
from neurosim.model import Model

HEALTHY_G = 0.70  # systemic.md 1; the fibres of the models have 0.60-0.79
NONE = 1e6  # times healthy: so leaky a sheath that axolemma is all that is left
NAME = "sheath{}"


def lamellae_left(g_ratio: Any) -> Any:
    """Return the share of a healthy sheath's lamellae that g-ratios leave.

    The thickness of a sheath around the same axon is in proportion to 1/g - 1.
    """
    check(g_ratio)
    return (1.0 / np.asarray(g_ratio, float) - 1.0) / (1.0 / HEALTHY_G - 1.0)


def internodes_of(model: Model) -> tuple[int, ...]:
    """Return the internode of every piece along the chain, from 0; -1 for a node.

    The half internode of a unit is its internode 0.
    """
    table = getattr(model.geometry, "table", ())
    if not any(row[COVERED] for row in table) or len(model.compartments) < 2:
        raise NeurosimError(
            f"{model.name} has no myelin; give an axon or a chain of nodes, e.g. "
            "MOTOR_AXON or MOTOR_CABLE."
        )
    nodes, met, found = set(model.compartments[0].instances), -1, []
    order = tuple(p for c in model.compartments for p in c.instances)
    for piece in getattr(model.geometry, "pieces", ()) or order:
        met += piece in nodes
        found.append(-1 if piece in nodes else met)
    return tuple(found)


def sheathed(model: Model) -> Model:
    """Return a fibre, or a unit of one, with a parameter for each internode's sheath.

    ``sheath0`` and so on multiply capacitance and leak of the sheath: 1 in health;
    ``sheaths`` gives them for a g-ratio and lost internodes. They may differ between
    runs, so one kernel does for all sheaths.

    Parameters
    ----------
    model : with myelin, e.g. MOTOR_AXON, SENSORY_AXON, MOTOR_CABLE.

    Raises
    ------
    NeurosimError : for a model without myelin.
    """
    homes = internodes_of(model)
    params = tuple(
        Param(NAME.format(k), 1.0, "", f"capacitance and leak of sheath {k}, times "
              "healthy", "neurosim.myelin", low=1e-3, high=NONE)
        for k in range(max(homes) + 1)
    )  # fmt: skip
    named = tuple(NAME.format(max(home, 0)) for home in homes)
    return replace(
        model,
        name=f"{model.name}_sheathed",
        params=(*model.params, *params),
        geometry=replace(cast(Cable, model.geometry), sheaths=named),
    )


def sheaths(model: Model, g_ratio: Any = HEALTHY_G, lost: Any = ()) -> dict[str, Any]:
    """Return the parameters of ``sheathed`` for a g-ratio and lost internodes.

    Parameters
    ----------
    model : that of ``sheathed``, or what it was made of.
    g_ratio : axon over fibre diameter, 0.70 in health, below 1; a number, or one per
        run.
    lost : internodes without any myelin: their numbers from 0, or for runs that differ
        flags, (runs, internodes), as ``draw_lost`` gives them. A unit stands for an
        axon of equal internodes: ``(0,)`` bares the one on either side.

    Returns
    -------
    name -> number, or one per run; for ``Model.at``, ``Model.along`` or a dose.
    """
    check(g_ratio)
    count = max(internodes_of(model)) + 1
    flags = np.asarray(lost)
    if flags.dtype != bool:
        wrong = sorted(set(flags.tolist()) - set(range(count)))
        if wrong:
            raise NeurosimError(
                f"{model.name} has no internode {wrong[0]:g}; it has 0 to {count - 1}."
            )
        flags = np.isin(np.arange(count), flags)
    if flags.shape[-1] != count:
        raise NeurosimError(
            f"lost: flags for {flags.shape[-1]} internodes were given; {model.name} "
            f"has {count}."
        )
    thin = (1.0 - HEALTHY_G) / (1.0 - np.asarray(g_ratio, float))
    flags = flags.T if thin.ndim == 0 or flags.ndim == 2 else flags[:, None]
    values = np.where(flags, NONE, thin)
    return {NAME.format(k): v if v.ndim else float(v) for k, v in enumerate(values)}


def draw_lost(
    share: float, axons: int, internodes: int, seed: int | tuple[int, ...]
) -> np.ndarray:
    """Draw which internodes are lost, (axons, internodes), each by itself.

    Parameters
    ----------
    share : probability with which an internode is lost, 0 to 1. seed : axon k depends
        on (seed, k) only, and a larger share takes what a smaller one took and more.
    """
    if not 0.0 <= share <= 1.0:
        raise NeurosimError(f"share of lost internodes = {share:g}: give 0 to 1.")
    key = seed if isinstance(seed, tuple) else (seed,)
    return luck(key, axons, internodes) < share


@lru_cache(maxsize=1024)
def luck(key: tuple[int, ...], axons: int, internodes: int) -> np.ndarray:
    """Return uniform numbers, (axons, internodes); axon k's depend on (key, k) only."""
    drawn = [np.random.default_rng((*key, k)).random(internodes) for k in range(axons)]
    return np.array(drawn).reshape(axons, internodes)


def check(g_ratio: Any) -> None:
    """Refuse a g-ratio no fibre can have."""
    values = np.atleast_1d(np.asarray(g_ratio, float))
    if not ((values > 0.0) & (values < 1.0)).all():
        raise NeurosimError(
            f"g_ratio = {g_ratio}: the axon is thinner than its fibre; give numbers "
            f"between 0 and 1 ({HEALTHY_G:g} in health)."
        )
