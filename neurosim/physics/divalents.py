"""Two further ways in which calcium may act on an axon, besides the field at its gates.

Both are off in the axons of the package: their numbers are recalled, not read, and
neither has been shown to matter in human motor axons (nerve.md 2.5). They are here so
that an experiment can ask how much they could matter.

Pore block: a calcium ion sits in the pore of a sodium channel, part of the way through
the field, and blocks it (Woodhull 1973). Divalent-blocked leak: a background sodium
leak (NALCN) that calcium and magnesium block directly (Chua et al. 2020).

An axon fitted in the healthy bath already contains what goes on there. Both laws
therefore give the change against that bath, and nothing in it.
"""

from neurosim.core.jit import equation
from neurosim.core.maths import exp
from neurosim.declare import Channel, Derived, Param
from neurosim.physics.ions import thermal_voltage

WOODHULL = "Woodhull 1973, form; number recalled, uncertain"
CHUA = "Chua et al. 2020, block; number recalled, uncertain"


@equation
def open_pore(v, ca_o, k_pore, d_pore, temperature):
    """Share of pores without a calcium ion in them (Woodhull 1973), 0 to 1.

    The ion has crossed a share d_pore of the field [mV] from outside; it binds with
    k_pore [mM] at 0 mV, and the more tightly the more negative the inside is.
    """
    bind = k_pore * exp(2.0 * d_pore * v / thermal_voltage(temperature))
    return bind / (bind + ca_o)


@equation
def pore_block(v, ca_o, k_pore, d_pore, temperature):
    """Factor on a conductance by pore block: 1 in the healthy bath (Ca 1.25 mM)."""
    here = open_pore(v, ca_o, k_pore, d_pore, temperature)
    return here / open_pore(v, 1.25, k_pore, d_pore, temperature)


@equation
def unblocked_fast(g_naf, v, ca_o, k_pore, d_pore, temperature):
    """Conductance [mS/cm2] of fast sodium channels with pore block."""
    return g_naf * pore_block(v, ca_o, k_pore, d_pore, temperature)


@equation
def unblocked_persistent(g_nap, v, ca_o, k_pore, d_pore, temperature):
    """Conductance [mS/cm2] of persistent sodium channels with pore block."""
    return g_nap * pore_block(v, ca_o, k_pore, d_pore, temperature)


@equation
def unblocked_leak(ca_o, mg_o, k_leak_ca, k_leak_mg):
    """Share of the leak channels that no divalent blocks; concentrations in mM."""
    return 1.0 / (1.0 + ca_o / k_leak_ca + mg_o / k_leak_mg)


@equation
def nalcn_leak(g_l, nalcn_share, ca_o, mg_o, k_leak_ca, k_leak_mg):
    """Conductance [mS/cm2] of NALCN beyond that in the healthy bath.

    There it is ``nalcn_share`` of the axon's leak g_l, and part of it; below 0 with
    more divalents than there.
    """
    healthy = unblocked_leak(1.25, 0.55, k_leak_ca, k_leak_mg)
    here = unblocked_leak(ca_o, mg_o, k_leak_ca, k_leak_mg)
    return nalcn_share * g_l * (here / healthy - 1.0)


PORE_PARAMS = (
    Param("k_pore", 30.0, "mM", "binding of Ca in the Na pore at 0 mV (10-100)",
          WOODHULL, low=1e-2, high=1e9),
    Param("d_pore", 0.26, "", "share of the field that Ca crosses to its site",
          WOODHULL, low=0.0, high=1.0),
)  # fmt: skip
FAST_PORE = Derived(
    "g_naf_pore", unblocked_fast, "mS/cm2", "fast Na conductance with pore block"
)
PERSISTENT_PORE = Derived(
    "g_nap_pore", unblocked_persistent, "mS/cm2", "persistent Na with pore block"
)

LEAK_PARAMS = (
    Param("nalcn_share", 0.02, "", "share of NALCN in the leak of the healthy bath",
          "assumed; none has been shown in human motor axons", low=0.0, high=1.0),
    Param("k_leak_ca", 0.3, "mM", "half block of NALCN by Ca", CHUA, low=1e-3),
    Param("k_leak_mg", 1.0, "mM", "half block of NALCN by Mg", CHUA, low=1e-3),
)  # fmt: skip
NALCN = Channel(
    name="nalcn", ion="Na", source=CHUA, doc="sodium leak that divalents block",
    conductance=Derived("g_nalcn", nalcn_leak, "mS/cm2", "NALCN beyond healthy"),
    reversal=Param("e_nalcn", 0.0, "mV", "NALCN reversal, unselective",
                   "recalled, uncertain", low=-50.0, high=50.0),
)  # fmt: skip
