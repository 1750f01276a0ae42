"""Ions of a muscle fibre: reversals, unselective leaks, and where every ion goes.

Amounts are counted per cm2 of surface membrane; currents are outward. The cell, the
lumen of the tubules and the interstitium keep every ion that crosses a membrane; ions
diffuse between the last two and are washed out of the last by the blood.
"""

from neurosim.core.jit import equation
from neurosim.core.maths import ln_ratio, sigmoid
from neurosim.physics.ions import ghk_current, thermal_voltage
from neurosim.units import FARADAY

TUBULES = 4.76  # tubular per surface membrane, 40 um fibre (Cannon 2024)
CELL = 2.0e-3  # cm3 of cell per cm2 of surface: half the radius of 40 um (Cannon 2024)
OUTSIDE = 0.2 * CELL  # cm3 of interstitium per cm2 of surface (Cannon 2024)
LUMEN = 1.26e-6  # cm3 of lumen per cm2 of tubular membrane (Cannon 2024)


@equation
def sodium_of_interstitium(na_e):
    """Na [mM] that the surface membrane faces."""
    return na_e


@equation
def potassium_of_interstitium(k_e):
    """K [mM] that the surface membrane faces."""
    return k_e


@equation
def chloride_of_interstitium(cl_e):
    """Cl [mM] that the surface membrane faces."""
    return cl_e


@equation
def sodium_of_tubule(na_t):
    """Na [mM] that the tubular membrane faces."""
    return na_t


@equation
def potassium_of_tubule(k_t):
    """K [mM] that the tubular membrane faces."""
    return k_t


@equation
def chloride_of_tubule(cl_t):
    """Cl [mM] that the tubular membrane faces."""
    return cl_t


@equation
def potassium_reversal(k_out, k_i, temperature_m):
    """E_K [mV] (Nernst 1889)."""
    return thermal_voltage(temperature_m) * ln_ratio(k_out, k_i)


@equation
def sodium_reversal(na_out, na_i, temperature_m):
    """E_Na [mV] (Nernst 1889)."""
    return thermal_voltage(temperature_m) * ln_ratio(na_out, na_i)


@equation
def sodium_share(e_na_m, e_k_m):
    """Share of Na in a conductance of Na and K that reverses at 0 mV.

    Na and K together then carry conductance x v.
    """
    return e_k_m / (e_k_m - e_na_m)


@equation
def leak_sodium(v, leak, e_na_m, e_k_m):
    """Na through the leak [uA/cm2] and slope [mS/cm2]; the leak reverses at 0 mV."""
    part = leak * sodium_share(e_na_m, e_k_m)
    return part * (v - e_na_m), part


@equation
def leak_potassium(v, leak, e_na_m, e_k_m):
    """K through the leak [uA/cm2] and slope [mS/cm2]; the leak reverses at 0 mV."""
    part = leak * (1.0 - sodium_share(e_na_m, e_k_m))
    return part * (v - e_k_m), part


@equation
def plate_sodium(v, end_plate, e_na_m, e_k_m):
    """Na through the end-plate [uA/cm2] and slope; it reverses at 0 mV."""
    part = end_plate * sodium_share(e_na_m, e_k_m)
    return part * (v - e_na_m), part


@equation
def plate_potassium(v, end_plate, e_na_m, e_k_m):
    """K through the end-plate [uA/cm2] and slope; it reverses at 0 mV."""
    part = end_plate * (1.0 - sodium_share(e_na_m, e_k_m))
    return part * (v - e_k_m), part


@equation
def pore(v, outside, inside, permeability, temperature_m):
    """Gating-pore current [uA/cm2] and slope: open below -51.7 mV, 3.9 mV."""
    current, slope = ghk_current(v, outside, inside, 1.0, permeability, temperature_m)
    is_open = sigmoid(-(v + 51.7) / 3.9)
    bend = is_open * (1.0 - is_open) / 3.9
    return is_open * current, is_open * slope - bend * current


@equation
def pore_sodium(v, na_out, na_i, p_gp, gating_pore, permeation, temperature_m):
    """Na through the gating pore [uA/cm2] and slope (Cannon 2024)."""
    scale = p_gp * gating_pore * permeation
    current, slope = pore(v, na_out, na_i, scale, temperature_m)
    return current, slope


@equation
def pore_potassium(v, k_out, k_i, p_gp, gating_pore, permeation, temperature_m):
    """K through the gating pore [uA/cm2] and slope (Cannon 2024)."""
    scale = p_gp * gating_pore * permeation
    current, slope = pore(v, k_out, k_i, scale, temperature_m)
    return current, slope


@equation
def into_cell(surface, tubule):
    """Rate [mM/ms] in the cell of an ion that leaves with these currents."""
    return -(surface + TUBULES * tubule) / (FARADAY * CELL)


@equation
def into_lumen(tubule, inside, outside, mixing):
    """Rate [mM/ms] in the lumen: what crosses the membrane, less what diffuses out."""
    return tubule / (FARADAY * LUMEN) - mixing * (inside - outside)


@equation
def into_outside(surface, lumen, outside, plasma, mixing, tau_blood):
    """Rate [mM/ms] in the interstitium: membrane, tubules, and wash-out to plasma."""
    diffused = mixing * (lumen - outside) * (LUMEN * TUBULES / OUTSIDE)
    return surface / (FARADAY * OUTSIDE) + diffused - (outside - plasma) / tau_blood
