"""Numbers as laboratories write them: units, totals against ionised, reference ranges.

All models take ionised concentrations in mM. A laboratory gives mg/dL or mEq/L and,
for calcium and magnesium, mostly the total; how much of it is ionised depends on
albumin and pH, so both have to be said. Not medical advice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.errors import NeurosimError, unknown

# ion -> (g/mol, valence); standard atomic weights, phosphate counted as phosphorus
IONS: Mapping[str, tuple[float, int]] = {
    "mg": (24.305, 2),
    "ca": (40.078, 2),
    "k": (39.0983, 1),
    "na": (22.98977, 1),
    "cl": (35.453, 1),
    "phosphate": (30.97376, 1),
}
LITRE = ("mM", "mmol/L", "mg/dL", "mg/L", "mEq/L")  # units of a concentration

CA_FRACTION = 1.25 / 2.40  # ionised / total at albumin 40, pH 7.4 (systemic.md 2.1)
MG_FRACTION = 0.55 / 0.85  # ionised / total at pH 7.4 (systemic.md 2.1 gives 0.67)
CA_PER_ALBUMIN = 0.02  # mM of total Ca per g/L (systemic.md 2.1 [M])
CA_PH_SLOPE = 0.17  # decades per pH unit, respiratory, in vivo (from systemic.md 2.1)
CA_PH_METABOLIC = 0.28  # decades per pH unit, metabolic (from systemic.md 2.1)
MG_PH_SLOPE = 0.10  # decades per pH unit (systemic.md 2.1 [M])
ALBUMIN, PH = 40.0, 7.40  # g/L and pH of the healthy bath (design section 4)


def calcium_ionised(ca_total, albumin, ph, slope):
    """Return ionised Ca [mM] of total Ca [mM], albumin [g/L], pH; plain arithmetic."""
    corrected = ca_total + CA_PER_ALBUMIN * (ALBUMIN - albumin)
    return CA_FRACTION * corrected * 10.0 ** (-slope * (ph - PH))


def magnesium_ionised(mg_total, ph):
    """Return ionised Mg [mM] of total Mg [mM] and pH; plain arithmetic."""
    return MG_FRACTION * mg_total * 10.0 ** (-MG_PH_SLOPE * (ph - PH))


def ionised_calcium(total, *, albumin=None, ph=None, slope: float = CA_PH_SLOPE):
    """Return ionised calcium, mM.

    Parameters
    ----------
    total : total Ca, mM. albumin : g/L. ph : of the blood. All broadcast together.
    slope : fall of log10 Ca per pH unit: 0.17 respiratory, 0.28 metabolic.

    Raises
    ------
    NeurosimError : without albumin or pH, or where a number cannot be what it is
        said to be, such as mg/dL for mM.
    """
    total, albumin, ph = checked("ca", total, "ca_total", albumin, ph)
    ionised = calcium_ionised(total, albumin, ph, slope)
    return plain(possible("ca_ionised", ionised))


def total_calcium(ionised, *, albumin=None, ph=None, slope: float = CA_PH_SLOPE):
    """Return total calcium, mM; the inverse of ``ionised_calcium``."""
    ionised, albumin, ph = checked("ca", ionised, "ca_ionised", albumin, ph)
    at_healthy_ph = ionised * 10.0 ** (slope * (ph - PH)) / CA_FRACTION
    return plain(at_healthy_ph - CA_PER_ALBUMIN * (ALBUMIN - albumin))


def ionised_magnesium(total, *, albumin=None, ph=None):
    """Return ionised magnesium, mM.

    Albumin binds about a third of magnesium too; the formula in use has no term for
    it, but a value is asked for, so that an unusual one is not passed over: below
    30 or above 50 g/L is refused.

    Parameters
    ----------
    total : total Mg, mM. albumin : g/L. ph : of the blood. All broadcast together.

    Raises
    ------
    NeurosimError : as for calcium, and for an albumin the formula does not cover.
    """
    total, albumin, ph = checked("mg", total, "mg_total", albumin, ph)
    covered(albumin)
    return plain(magnesium_ionised(total, ph))


def total_magnesium(ionised, *, albumin=None, ph=None):
    """Return total magnesium, mM; the inverse of ``ionised_magnesium``."""
    ionised, albumin, ph = checked("mg", ionised, "mg_ionised", albumin, ph)
    covered(albumin)
    return plain(ionised * 10.0 ** (MG_PH_SLOPE * (ph - PH)) / MG_FRACTION)


def covered(albumin: np.ndarray) -> None:
    """Refuse an albumin far from healthy, for which magnesium has no formula."""
    if np.any((albumin < 30.0) | (albumin > 50.0)):
        raise NeurosimError(
            f"albumin = {np.ravel(albumin)[0]:g} g/L: total and ionised magnesium are "
            "converted for 30 to 50 g/L only; measure the ionised one."
        )


def checked(ion: str, level, name: str, albumin, ph) -> tuple[np.ndarray, ...]:
    """Return level, albumin and pH as arrays, or say what is missing or cannot be."""
    missing = [what for what, value in (("albumin", albumin), ("ph", ph))
               if value is None]  # fmt: skip
    if missing:
        raise NeurosimError(
            f"{name}: total and ionised {RANGES[name].title.split()[-1]} are converted "
            f"only with {' and '.join(missing)}; give albumin in g/L and ph, or "
            "albumin=40, ph=7.4 if both were normal."
        )
    return (
        possible(name, level), possible("albumin", albumin), possible("ph", ph)
    )  # fmt: skip


def plain(values: np.ndarray) -> Any:
    """Return a float for a single value, else the array."""
    return values if np.ndim(values) else float(values)


def per_litre(ion: str, unit: str) -> float:
    """Return the factor that takes a concentration in ``unit`` to mM."""
    if ion not in IONS:
        raise unknown(ion, "the list of ions", IONS)
    mass, valence = IONS[ion]
    factors = {"mM": 1.0, "mmol/L": 1.0, "mg/dL": 10.0 / mass, "mg/L": 1.0 / mass,
               "mEq/L": 1.0 / valence}  # fmt: skip
    if unit not in factors:
        raise unknown(unit, f"the units of {ion}", factors)
    return factors[unit]


def convert(value, ion: str, unit: str, to: str = "mM"):
    """Return a concentration in another unit.

    Parameters
    ----------
    value : number or array. ion : mg, ca, k, na, cl or phosphate.
    unit, to : mM, mmol/L, mg/dL, mg/L or mEq/L.

    Raises
    ------
    NeurosimError : for an unknown ion or unit, with the nearest one; for a negative
        or unfinite concentration.
    """
    values = np.asarray(value, float)
    if not (np.isfinite(values) & (values >= 0.0)).all():
        raise NeurosimError(
            f"{ion} = {np.ravel(values)[0]:g} {unit}: a concentration is a finite "
            "number, 0 or more."
        )
    return plain(values * (per_litre(ion, unit) / per_litre(ion, to)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What is normal in blood, and how far from it is how bad.

    Parameters
    ----------
    low, high : where normal, mild and moderate end, away from the middle.
    limits : outside these no blood is; a number there was meant otherwise.
    """

    name: str
    title: str
    unit: str
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    limits: tuple[float, float]
    source: str

    @property
    def normal(self) -> tuple[float, float]:
        """Return the reference range."""
        return self.low[0], self.high[0]


LOW = "low: nerve.md 5 (normal [A], bands partly recalled); high: textbook [M]"
TEXTBOOK = "textbook [M]"
RANGES: Mapping[str, Range] = {
    range_.name: range_
    for range_ in (
        Range(name="ca_total", title="total calcium", unit="mM",
              low=(2.15, 2.00, 1.75), high=(2.55, 3.00, 3.50), limits=(0.4, 4.5),
              source=LOW),
        Range(name="ca_ionised", title="ionised calcium", unit="mM",
              low=(1.15, 1.00, 0.90), high=(1.30, 1.50, 1.75), limits=(0.2, 2.2),
              source=LOW),
        Range(name="mg_total", title="total magnesium", unit="mM",
              low=(0.70, 0.50, 0.40), high=(1.10, 2.00, 3.00), limits=(0.05, 8.0),
              source=LOW),
        Range(name="mg_ionised", title="ionised magnesium", unit="mM",
              low=(0.45, 0.35, 0.27), high=(0.65, 1.30, 1.95), limits=(0.03, 5.5),
              source="nerve.md 5 [R]; high: textbook total x 0.65 [M]"),
        Range(name="k", title="potassium", unit="mM",
              low=(3.5, 3.0, 2.5), high=(5.0, 5.5, 6.5), limits=(0.8, 12.0),
              source=LOW),
        Range(name="na", title="sodium", unit="mM",
              low=(135.0, 130.0, 125.0), high=(145.0, 150.0, 160.0),
              limits=(90.0, 200.0), source="low: nerve.md 5 [R+]; high: textbook [M]"),
        Range(name="ph", title="pH", unit="",
              low=(7.35, 7.30, 7.20), high=(7.45, 7.50, 7.60), limits=(6.6, 8.0),
              source=TEXTBOOK),
        Range(name="hco3", title="bicarbonate", unit="mM",
              low=(22.0, 18.0, 12.0), high=(28.0, 34.0, 40.0), limits=(2.0, 70.0),
              source=TEXTBOOK),
        Range(name="albumin", title="albumin", unit="g/L",
              low=(35.0, 30.0, 25.0), high=(50.0, 55.0, 58.0), limits=(10.0, 60.0),
              source=TEXTBOOK),
        Range(name="haemoglobin", title="haemoglobin", unit="g/dL",
              low=(12.0, 10.0, 8.0), high=(17.5, 18.5, 20.0), limits=(2.0, 25.0),
              source=TEXTBOOK),
        Range(name="vitamin_d", title="25(OH) vitamin D", unit="nmol/L",
              low=(50.0, 30.0, 12.0), high=(125.0, 250.0, 375.0),
              limits=(0.0, 1000.0), source="systemic.md 3 [V] for 30; else [M]"),
    )
}  # fmt: skip
SEVERITIES = ("mild", "moderate", "severe")


def find_range(name: str) -> Range:
    """Return a reference range by its name, ``ca_total``, ``k``."""
    if name not in RANGES:
        raise unknown(name, "the reference ranges", RANGES)
    return RANGES[name]


def grade(name: str, value: float) -> str:
    """Say how far a level is from normal: "normal", "mild low" or "severe high".

    Parameters
    ----------
    name : ca_total, ca_ionised, mg_total, mg_ionised, k, na, ph, hco3, albumin,
        haemoglobin or vitamin_d. value : in the unit of its range (``RANGES``).

    Raises
    ------
    NeurosimError : for an unknown name, or a value that no blood has.
    """
    value = float(possible(name, value))
    found = find_range(name)
    below = sum(value < bound for bound in found.low)
    above = sum(value > bound for bound in found.high)
    if not below and not above:
        return "normal"
    side = "low" if below else "high"
    return f"{SEVERITIES[max(below, above) - 1]} {side}"


def possible(name: str, value) -> np.ndarray:
    """Return a level as an array, or say what it was probably meant to be.

    Raises
    ------
    NeurosimError : outside what blood can have: a total given for an ionised level,
        mg/dL or mEq/L written as mM, g/dL as g/L.
    """
    found = find_range(name)
    try:
        values = np.asarray(value, float)
    except (TypeError, ValueError):
        raise NeurosimError(
            f"{name} = {value!r:.40}: give a number, in {found.unit or '1'}."
        ) from None
    low, high = found.limits
    wrong = ~((values >= low) & (values <= high))
    if wrong.any():
        number = float(values[wrong][0])
        raise NeurosimError(
            f"{name} = {number:g} {found.unit}".rstrip() + ": blood has "
            f"{low:g} to {high:g}{meant(found, number)}."
        )
    return values


def meant(found: Range, number: float) -> str:
    """Guess what a number outside the limits was meant to be."""
    ion, _, kind = found.name.partition("_")
    other = RANGES.get(f"{ion}_total") if kind == "ionised" else None
    if other is not None and other.normal[0] * 0.6 <= number <= other.limits[1]:
        return (
            f"; it looks like a total, so take ionised_{other.title.split()[-1]}"
            f"({number:g}, albumin=…, ph=…)"
        )
    if ion in IONS:
        for unit in ("mg/dL", "mEq/L"):
            as_mm = number * per_litre(ion, unit)
            if found.low[2] <= as_mm <= found.high[2]:
                return f"; it looks like {unit}: {number:g} {unit} is {as_mm:.3g} mM"
    if found.name == "albumin" and found.limits[0] <= 10.0 * number <= found.limits[1]:
        return f"; it looks like g/dL: write {10.0 * number:g}"
    return f"; give it in {found.unit or 'pH units'}"
