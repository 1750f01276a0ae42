"""The rates at which ions gather in cell, tubules and interstitium of a fibre.

A current carries its ion: the pump takes 3 Na out for 2 K in, NKCC1 takes Na, K and 2
Cl in, chloride runs against its current. So the charge of the cell changes by just
what its membranes' capacitances take, and nothing is lost. Rates are in mM/ms.
"""

from neurosim.core.jit import equation
from neurosim.physics.fibre_ions import into_cell, into_lumen, into_outside
from neurosim.physics.fibre_pump import cotransport


@equation
def potassium_in_cell(
    i_kdr, i_kir, i_kq, i_katp, i_leak_k, i_pore_k, i_plate_k, i_pump, i_kdr_tubule,
    i_kir_tubule, i_kq_tubule, i_katp_tubule, i_leak_k_tubule, i_pore_k_tubule,
    i_pump_tubule, j_nkcc, turnover, na_e, k_e, cl_e, na_t, k_t, cl_t, na_i, k_i,
    cl_i,
):  # fmt: skip
    """Potassium in the cell [mM/ms]."""
    taken = cotransport(j_nkcc, turnover, na_e, k_e, cl_e, na_i, k_i, cl_i)
    taken_t = cotransport(j_nkcc, turnover, na_t, k_t, cl_t, na_i, k_i, cl_i)
    surface = i_kdr + i_kir + i_kq + i_katp + i_leak_k + i_pore_k + i_plate_k
    surface -= 2.0 * i_pump + taken
    tubule = i_kdr_tubule + i_kir_tubule + i_kq_tubule + i_katp_tubule
    tubule += i_leak_k_tubule + i_pore_k_tubule
    tubule -= 2.0 * i_pump_tubule + taken_t
    return into_cell(surface, tubule)


@equation
def potassium_in_tubule(
    i_kdr_tubule, i_kir_tubule, i_kq_tubule, i_katp_tubule, i_leak_k_tubule,
    i_pore_k_tubule, i_pump_tubule, j_nkcc, turnover, na_t, k_t, cl_t, na_i, k_i,
    cl_i, k_e, mixing,
):  # fmt: skip
    """Potassium in the tubules [mM/ms]."""
    taken_t = cotransport(j_nkcc, turnover, na_t, k_t, cl_t, na_i, k_i, cl_i)
    tubule = i_kdr_tubule + i_kir_tubule + i_kq_tubule + i_katp_tubule
    tubule += i_leak_k_tubule + i_pore_k_tubule
    tubule -= 2.0 * i_pump_tubule + taken_t
    return into_lumen(tubule, k_t, k_e, mixing)


@equation
def potassium_outside(
    i_kdr, i_kir, i_kq, i_katp, i_leak_k, i_pore_k, i_plate_k, i_pump, j_nkcc,
    turnover, na_e, k_e, cl_e, na_i, k_i, cl_i, k_t, k_o, mixing, tau_blood,
):  # fmt: skip
    """Potassium in the interstitium [mM/ms]."""
    taken = cotransport(j_nkcc, turnover, na_e, k_e, cl_e, na_i, k_i, cl_i)
    surface = i_kdr + i_kir + i_kq + i_katp + i_leak_k + i_pore_k + i_plate_k
    surface -= 2.0 * i_pump + taken
    return into_outside(surface, k_t, k_e, k_o, mixing, tau_blood)


@equation
def sodium_in_cell(
    i_na, i_leak_na, i_pore_na, i_plate_na, i_pump, i_na_tubule, i_leak_na_tubule,
    i_pore_na_tubule, i_pump_tubule, j_nkcc, turnover, na_e, k_e, cl_e, na_t, k_t,
    cl_t, na_i, k_i, cl_i,
):  # fmt: skip
    """Sodium in the cell [mM/ms]."""
    taken = cotransport(j_nkcc, turnover, na_e, k_e, cl_e, na_i, k_i, cl_i)
    taken_t = cotransport(j_nkcc, turnover, na_t, k_t, cl_t, na_i, k_i, cl_i)
    surface = i_na + i_leak_na + i_pore_na + i_plate_na
    surface += 3.0 * i_pump - taken
    tubule = i_na_tubule + i_leak_na_tubule + i_pore_na_tubule
    tubule += 3.0 * i_pump_tubule - taken_t
    return into_cell(surface, tubule)


@equation
def sodium_in_tubule(
    i_na_tubule, i_leak_na_tubule, i_pore_na_tubule, i_pump_tubule, j_nkcc,
    turnover, na_t, k_t, cl_t, na_i, k_i, cl_i, na_e, mixing,
):  # fmt: skip
    """Sodium in the tubules [mM/ms]."""
    taken_t = cotransport(j_nkcc, turnover, na_t, k_t, cl_t, na_i, k_i, cl_i)
    tubule = i_na_tubule + i_leak_na_tubule + i_pore_na_tubule
    tubule += 3.0 * i_pump_tubule - taken_t
    return into_lumen(tubule, na_t, na_e, mixing)


@equation
def sodium_outside(
    i_na, i_leak_na, i_pore_na, i_plate_na, i_pump, j_nkcc, turnover, na_e, k_e,
    cl_e, na_i, k_i, cl_i, na_t, na_o, mixing, tau_blood,
):  # fmt: skip
    """Sodium in the interstitium [mM/ms]."""
    taken = cotransport(j_nkcc, turnover, na_e, k_e, cl_e, na_i, k_i, cl_i)
    surface = i_na + i_leak_na + i_pore_na + i_plate_na
    surface += 3.0 * i_pump - taken
    return into_outside(surface, na_t, na_e, na_o, mixing, tau_blood)


@equation
def chloride_in_cell(
    i_cl, i_cl_tubule, j_nkcc, turnover, na_e, k_e, cl_e, na_t, k_t, cl_t, na_i,
    k_i, cl_i,
):  # fmt: skip
    """Chloride in the cell [mM/ms]."""
    taken = cotransport(j_nkcc, turnover, na_e, k_e, cl_e, na_i, k_i, cl_i)
    taken_t = cotransport(j_nkcc, turnover, na_t, k_t, cl_t, na_i, k_i, cl_i)
    surface = -i_cl - 2.0 * taken
    tubule = -i_cl_tubule - 2.0 * taken_t
    return into_cell(surface, tubule)


@equation
def chloride_in_tubule(
    i_cl_tubule, j_nkcc, turnover, na_t, k_t, cl_t, na_i, k_i, cl_i, cl_e, mixing,
):  # fmt: skip
    """Chloride in the tubules [mM/ms]."""
    taken_t = cotransport(j_nkcc, turnover, na_t, k_t, cl_t, na_i, k_i, cl_i)
    tubule = -i_cl_tubule - 2.0 * taken_t
    return into_lumen(tubule, cl_t, cl_e, mixing)


@equation
def chloride_outside(
    i_cl, j_nkcc, turnover, na_e, k_e, cl_e, na_i, k_i, cl_i, cl_t, cl_o, mixing,
    tau_blood,
):  # fmt: skip
    """Chloride in the interstitium [mM/ms]."""
    taken = cotransport(j_nkcc, turnover, na_e, k_e, cl_e, na_i, k_i, cl_i)
    surface = -i_cl - 2.0 * taken
    return into_outside(surface, cl_t, cl_e, cl_o, mixing, tau_blood)
