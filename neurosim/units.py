"""The coherent units of every kernel, the constants stated in them, quantity reader.

In this set mS x mV = uA, uF x mV/ms = uA and mM = umol/cm3, so equations contain no
conversion factors.
"""

import math
import re
from numbers import Real

from neurosim.errors import NeurosimError

FARADAY = 9.648533212331e7  # nC/umol, CODATA 2018 (exact)
GAS = 8.31446261815324e6  # pJ/(umol K), CODATA 2018 (exact); GAS*T/FARADAY is in mV
ZERO_CELSIUS = 273.15  # K, definition of degC

# What a Param or State may be measured in, and how it is printed
UNITS = {
    "": "",
    "1": "",
    "ms": "ms",
    "s": "s",
    "d": "d",
    "1/ms": "1/ms",
    "1/d": "1/d",
    "mV": "mV",
    "uA/cm2": "µA/cm²",
    "nA": "nA",
    "pA": "pA",
    "mS/cm2": "mS/cm²",
    "uF/cm2": "µF/cm²",
    "nS": "nS",
    "uS": "µS",
    "nF": "nF",
    "mM": "mM",
    "uM": "µM",
    "1/(mM ms)": "1/(mM ms)",
    "uM/ms": "µM/ms",
    "1/(uM ms)": "1/(µM ms)",
    "mM/ms": "mM/ms",
    "mM/d": "mM/d",
    "nmol/L": "nmol/L",
    "g/L": "g/L",
    "g/dL": "g/dL",
    "mmHg": "mmHg",
    "mmol": "mmol",
    "mmol/d": "mmol/d",
    "L": "L",
    "L/d": "L/d",
    "M": "M",
    "1/nm2": "1/nm²",
    "cm": "cm",
    "um": "µm",
    "um2": "µm²",
    "um3/ms": "µm³/ms",
    "uM um3/ms": "µM µm³/ms",
    "cm/ms": "cm/ms",
    "cm/s": "cm/s",
    "1/cm": "1/cm",
    "kOhm cm": "kΩ·cm",
    "degC": "°C",
    "pS": "pS",
    "Hz": "Hz",
    "1/s": "1/s",
    "1/min": "1/min",
}

# Other spellings a person may use for a quantity, with the factor to the unit kept
ALIASES = {
    "mM": {"mM": 1.0, "mmol/L": 1.0, "mmol/l": 1.0, "uM": 1e-3, "µM": 1e-3},
    "mV": {"mV": 1.0, "V": 1e3},
    "ms": {"ms": 1.0, "s": 1e3, "us": 1e-3, "µs": 1e-3},
    "degC": {"degC": 1.0, "°C": 1.0, "C": 1.0},
    "uA/cm2": {"uA/cm2": 1.0, "µA/cm²": 1.0},
    "nA": {"nA": 1.0, "pA": 1e-3},
    "mS/cm2": {"mS/cm2": 1.0, "mS/cm²": 1.0},
}

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")


def one_number(value: object, what: str, unit: str) -> float:
    """Return a number given as such, or say that one is needed."""
    if isinstance(value, Real) and not isinstance(value, bool):
        return float(value)
    raise NeurosimError(f"{what} = {value!r:.60}: give one number, in {unit or '1'}.")


def read_quantity(text: str, unit: str, what: str) -> float:
    """Read ``number`` or ``number unit`` strictly and return it in ``unit``.

    Parameters
    ----------
    text : what the user wrote, e.g. ``"0.6"`` or ``"0.6 mM"``.
    unit : the unit the quantity is kept in, a key of ``UNITS``.
    what : the name to use in messages, e.g. ``"ca_o"``.

    Raises
    ------
    NeurosimError : for a decimal comma, a word, or a unit of another kind.
    """
    stripped = text.strip()
    match = NUMBER.match(stripped)
    rest = stripped[match.end() :].strip() if match else stripped
    if match and re.match(r",\d", rest):
        if "." in stripped or "," in rest[1:]:
            raise NeurosimError(
                f"{what}: {text!r} is several numbers; give one, or sweep over them."
            )
        raise NeurosimError(
            f"{what}: {text!r} has a decimal comma; write a point, "
            f"e.g. {match.group()}.{rest[1:]}."
        )
    if match is None:
        raise NeurosimError(f"{what}: {text!r} is not a number; write e.g. 0.6.")
    allowed = ALIASES.get(unit, {unit: 1.0})
    if rest and rest not in allowed:
        raise NeurosimError(
            f"{what}: unit {rest!r} is not one for it; give the value in "
            f"{' or '.join(allowed)}{per_litre_hint(rest)}."
        )
    value = float(match.group()) * allowed.get(rest, 1.0)
    if not math.isfinite(value):
        raise NeurosimError(f"{what}: {text!r} is too large for a number.")
    return value


def per_litre_hint(unit: str) -> str:
    """Explain why clinical mass units are not taken for ionised concentrations."""
    if unit.lower() in {"mg/dl", "meq/l", "mg/l"}:
        return " (ionised; mg/dL and mEq/L are totals and need albumin and pH)"
    return ""
