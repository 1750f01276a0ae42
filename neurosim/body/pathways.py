"""The couplings of the body, each with a switch that is a parameter of the model.

A switch of 1 leaves the coupling as it is and 0 holds it at its healthy value, so one
block of lanes can carry a person with and without it.
"""

from dataclasses import dataclass

from neurosim.declare import Param
from neurosim.errors import unknown


@dataclass(frozen=True, slots=True)
class Pathway:
    """One coupling; ``name`` is also its switch in ``BODY``."""

    name: str
    link: str
    doc: str


PATHWAYS = (
    Pathway("mg_pth_secretion", "Mg -> PTH secretion", "low plasma Mg stops the gland"),
    Pathway(
        "mg_pth_set_point", "Mg -> set-point of PTH", "low Mg moves it to the left"
    ),
    Pathway(
        "mg_pth_resistance", "Mg -> answer to PTH", "low tissue Mg makes resistant"
    ),
    Pathway("mg_pth_agonism", "high Mg -> PTH", "Mg above normal acts as Ca does"),
    Pathway("mg_calcitriol", "Mg -> calcitriol", "low tissue Mg slows hydroxylation"),
    Pathway("mg_k_urine", "Mg -> K in urine (ROMK)", "low tissue Mg unblocks channels"),
    Pathway("mg_mg_urine", "Mg -> Mg in urine", "low tissue Mg makes the kidney hold"),
    Pathway("mg_mg_i", "Mg -> Mg in cells", "free Mg of muscle follows tissue"),
    Pathway("ca_pth", "Ca -> PTH", "the gland senses ionised Ca"),
    Pathway("pth_bone", "PTH -> bone", "PTH releases Ca from bone"),
    Pathway("pth_kidney", "PTH -> Ca in urine", "PTH holds Ca back"),
    Pathway("pth_calcitriol", "PTH -> calcitriol", "PTH drives hydroxylation"),
    Pathway("vitamin_d_calcitriol", "25(OH)D -> calcitriol", "substrate"),
    Pathway("gfr_calcitriol", "kidney -> calcitriol", "a small kidney makes less"),
    Pathway("calcitriol_absorption", "calcitriol -> gut", "absorption of Ca"),
    Pathway("calcitriol_bone", "calcitriol -> bone", "permits the action of PTH"),
    Pathway("plasma_k_urine", "K -> K in urine", "secretion follows plasma K"),
    Pathway("gfr_k_urine", "kidney -> K in urine", "a small kidney secretes less"),
    Pathway("k_k_i", "K -> K in cells", "cells lose K with the body"),
    Pathway("k_na", "K -> Na", "lost K lowers plasma Na (Edelman)"),
    Pathway("water_levels", "water -> levels", "less water concentrates K, Mg and Ca"),
    Pathway("albumin_ca", "albumin -> Ca", "less albumin binds less Ca"),
    Pathway("ph_ca", "pH -> ionised Ca", "alkalosis binds Ca to albumin"),
    Pathway("ph_mg", "pH -> ionised Mg", "alkalosis binds Mg"),
    Pathway("ca", "ionised Ca -> cells", "the bath's Ca follows plasma"),
    Pathway("mg", "ionised Mg -> cells", "the bath's Mg follows plasma"),
    Pathway("k", "K -> cells", "the bath's K follows plasma"),
    Pathway("na", "Na -> cells", "the bath's Na follows plasma"),
    Pathway("ph", "pH -> cells", "the bath's pH follows plasma"),
)
BATH = frozenset({"ca", "mg", "k", "na", "ph"})  # switches of these begin with "bath_"


def switch_name(name: str) -> str:
    """Return the parameter of ``BODY`` that switches a pathway."""
    return f"bath_{name}" if name in BATH else name


SWITCHES = tuple(
    Param(switch_name(p.name), 1.0, "1", f"switch of {p.link}", low=0.0, high=1.0)
    for p in PATHWAYS
)


def switched_off(reset: str | tuple[str, ...]) -> dict[str, float]:
    """Return the parameters that reset some pathways.

    Raises
    ------
    UnknownName : for a pathway that does not exist.
    """
    names = (reset,) if isinstance(reset, str) else tuple(reset)
    known = {p.name for p in PATHWAYS}
    for name in names:
        if name not in known:
            raise unknown(name, "reset: the body", known)
    return {switch_name(name): 0.0 for name in names}
