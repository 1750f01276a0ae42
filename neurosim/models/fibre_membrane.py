"""The excitable membrane of a human muscle fibre: surface and tubules, with its ions.

Two compartments joined by the access resistance of the tubules. Na channel with slow
inactivation, delayed and inward rectifier, KCNQ, ClC-1, K_ATP, pump, NKCC1. Na, K and
Cl move between cell, tubules, interstitium and plasma; every current carries its ion.
Rest is an equilibrium of all states: with K 150 mM in the cell the others follow.

Form and constants: Cannon laboratory 2024, measured at 22 degC, run at 35 degC: gates
faster by 2.5 and permeabilities larger by 1.5 per 10 degC. The densities of pump and
NKCC1 are taken to hold at 35 degC. Densities and the potentials of Na gates were
calibrated anew on human and rat fibres (decision 0011).
"""

from dataclasses import dataclass
from types import MappingProxyType

from neurosim.core.jit import equation
from neurosim.declare import Cable, Channel, Compartment, Derived, Gate, Param, State
from neurosim.model import Model
from neurosim.models.axon_unit import PARAMS as AXON_PARAMS
from neurosim.physics import chloride as cl
from neurosim.physics import fibre_balance as balance
from neurosim.physics import fibre_ions as ions
from neurosim.physics import fibre_potassium as k
from neurosim.physics import fibre_pump as pump
from neurosim.physics import fibre_sodium as na
from neurosim.physics.ions import q10
from neurosim.physics.surface_charge import surface_shift

CANNON = "Cannon laboratory 2024, Muscle-Fiber-Simulation, default parameters"
NOTES = "muscle.md"
CALIBRATED = "calibrated on Jurkat-Rott 2009 (two states of rest)"
FITTED = "calibrated on human and rat fibres (decision 0011)"
CHOSEN = "chosen (muscle.md)"
P_NA, P_KDR, P_CL = 4.6e-7, 3.6e-8, 3.5e-7  # cm/ms, of the surface
SURFACE_AREA = 1.0  # nA per uA/cm2: 1e-3 cm2 of surface
ACCESS = 25.0  # uS: 0.04 kOhm cm2 over 1e-3 cm2 (Cannon 2024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membrane:
    """What a model of the whole fibre takes over from here."""

    compartments: tuple[Compartment, ...]
    states: tuple[State, ...]
    params: tuple[Param, ...]
    derived: tuple[Derived, ...]
    geometry: Cable


@equation
def gating_speed(temperature_m):
    """Temperature factor of gates, from 22 degC (Cannon 2024)."""
    return q10(2.5, temperature_m, 22.0)


@equation
def transport_speed(temperature_m):
    """Temperature factor of pump and NKCC1, whose densities hold at 35 degC."""
    return q10(2.5, temperature_m, 35.0)


@equation
def permeation_speed(temperature_m):
    """Temperature factor of permeabilities and diffusion, from 22 degC."""
    return q10(1.5, temperature_m, 22.0)


@equation
def mixing_rate(tau_tubule, permeation):
    """Exchange of a tubule with the interstitium [1/ms] at this temperature."""
    return permeation / tau_tubule


@equation
def fibre_shift(na_o, k_o, ca_o, mg_o, ph_o, temperature_m, bind_ca, bind_mg):
    """Shift [mV] of the field that gates feel, against the healthy bath."""
    return surface_shift(na_o, k_o, ca_o, mg_o, ph_o, temperature_m, bind_ca, bind_mg)


@equation
def sodium_gates(gate_shift_m, shift_m):
    """Shift [mV] that Na gates feel: surface charge and what is added by hand."""
    return gate_shift_m + shift_m


@equation
def potassium_gates(na_shift_m, kappa_m):
    """Shift [mV] that K gates feel; they sit near less charge."""
    return kappa_m * na_shift_m


SPEED = Derived("gating", gating_speed, "", "temperature factor of gates")
SHARED = (
    SPEED,
    Derived("permeation", permeation_speed, "", "temperature factor of permeability"),
    Derived("turnover", transport_speed, "", "temperature factor of pump and NKCC1"),
    Derived("mixing", mixing_rate, "1/ms", "exchange of tubules and interstitium"),
    Derived("pump_capacity", pump.pump_power, "uA/cm2", "largest pump current"),
    Derived("gate_shift_m", fibre_shift, "mV", "shift of the field that gates feel"),
)
NA_SHIFT = Derived("na_shift_m", sodium_gates, "mV", "shift felt by Na gates")
K_SHIFT = Derived("k_shift_m", potassium_gates, "mV", "shift felt by K gates")
P_CHLORIDE = Derived(
    "p_chloride", cl.chloride_permeability, "cm/ms", "permeability of rested ClC-1"
)
E_NA = Derived("e_na_m", ions.sodium_reversal, "mV", "sodium reversal potential")
E_K = Derived("e_k_m", ions.potassium_reversal, "mV", "potassium reversal potential")
INTERSTITIUM = (
    Derived("na_out", ions.sodium_of_interstitium, "mM", "Na at the surface"),
    Derived("k_out", ions.potassium_of_interstitium, "mM", "K at the surface"),
    Derived("cl_out", ions.chloride_of_interstitium, "mM", "Cl at the surface"),
)
LUMEN = (
    Derived("na_out", ions.sodium_of_tubule, "mM", "Na in the tubules"),
    Derived("k_out", ions.potassium_of_tubule, "mM", "K in the tubules"),
    Derived("cl_out", ions.chloride_of_tubule, "mM", "Cl in the tubules"),
)

SODIUM = Channel(
    name="na", ion="Na", source=CANNON, doc="NaV1.4", current=na.fibre_sodium,
    gates=(Gate("m", na.fibre_m, 3, SPEED), Gate("h", na.fibre_h, 1, SPEED),
           Gate("s", na.fibre_s, 1, SPEED)),
    params=(Param("p_na", P_NA, "cm/ms", "Na permeability: 100 mS/cm2 at 0 mV and "
                  "22 degC (human 44-360, Almers 1984)", FITTED, low=0.0),),
    shift=NA_SHIFT,
)  # fmt: skip
DELAYED = Channel(
    name="kdr", ion="K", source=CANNON, doc="delayed rectifier",
    current=k.delayed_rectifier,
    gates=(Gate("n", k.fibre_n, 4, SPEED), Gate("p", k.fibre_p, 1, SPEED)),
    params=(Param("p_kdr", P_KDR, "cm/ms", "its permeability: 10 mS/cm2 at 0 mV and "
                  "22 degC (human 0-19, Almers 1984)", FITTED, low=0.0),),
    shift=K_SHIFT,
)  # fmt: skip
KCNQ = Channel(
    name="kq", ion="K", source=CANNON, doc="KCNQ", current=k.kcnq_current,
    gates=(Gate("kq", k.fibre_kq, 1, SPEED),),
    params=(Param("p_kq", 2.0e-9, "cm/ms", "KCNQ permeability", CANNON, low=0.0),),
    shift=K_SHIFT,
)  # fmt: skip
INWARD = Channel(
    name="kir", ion="K", source=CANNON, doc="inward rectifier",
    current=k.inward_rectifier,
    params=(Param("p_kir", 2.1e-9, "cm/ms", "Kir permeability: 0.35 mS/cm2 of the "
                  "resting fibre (0.34, Palade & Barchi 1977)", FITTED, low=0.0),),
)  # fmt: skip
CHLORIDE = Channel(
    name="cl", ion="Cl", source=CANNON, doc="ClC-1", current=cl.chloride_current,
    gates=(Gate("c", cl.clc_c, 1, SPEED),),
    params=(Param("p_cl", P_CL, "cm/ms", "Cl permeability: 1.8 mS/cm2 of the resting "
                  "fibre (2.11, Palade & Barchi 1977)", FITTED, low=0.0),),
)  # fmt: skip
K_ATP = Channel(
    name="katp", ion="K", source=NOTES, doc="K_ATP", current=k.atp_potassium,
)  # fmt: skip
LEAKS = (
    Channel(name="leak_na", ion="Na", source=NOTES, doc="Na part of the leak",
            current=ions.leak_sodium),
    Channel(name="leak_k", ion="K", source=NOTES, doc="K part of the leak",
            current=ions.leak_potassium),
    Channel(name="pore_na", ion="Na", source=CANNON, doc="Na through gating pores",
            current=ions.pore_sodium),
    Channel(name="pore_k", ion="K", source=CANNON, doc="K through gating pores",
            current=ions.pore_potassium),
)  # fmt: skip
END_PLATE = (
    Channel(name="plate_na", ion="Na", source=NOTES, doc="Na through the end-plate",
            current=ions.plate_sodium),
    Channel(name="plate_k", ion="K", source=NOTES, doc="K through the end-plate",
            current=ions.plate_potassium),
)  # fmt: skip
PUMP = Channel(
    name="pump", ion="Na, K", source=CANNON, doc="Na-K pump",
    current=pump.pump_current,
    params=(Param("alpha_2", 0.62, "", "share of alpha2 isoforms", CANNON, low=0.0,
                  high=1.0),),
)  # fmt: skip

COMPARTMENTS = (
    Compartment(
        name="surface",
        channels=(SODIUM, DELAYED, KCNQ, INWARD, CHLORIDE, K_ATP, *LEAKS, *END_PLATE,
                  PUMP),
        derived=(*INTERSTITIUM, E_NA, E_K, P_CHLORIDE),
    ),
    Compartment(
        name="tubule",  # densities relative to the surface: 0.8, 0.4, 0.4, 1, 0.3
        channels=(SODIUM.at(p_na=0.8 * P_NA), DELAYED.at(p_kdr=0.4 * P_KDR),
                  KCNQ.at(p_kq=0.4 * 2.0e-9), INWARD, CHLORIDE.at(p_cl=0.3 * P_CL),
                  K_ATP, *LEAKS, PUMP.at(alpha_2=1.0)),
        derived=(*LUMEN, E_NA, E_K, P_CHLORIDE),
    ),
)  # fmt: skip

# Start of the search for the rest of the healthy bath, where it ends (mM)
STATES = (
    State("k_e", 4.0000, "mM", "K in the interstitium", balance.potassium_outside),
    State("na_e", 140.0000, "mM", "Na in the interstitium", balance.sodium_outside),
    State("cl_e", 104.0000, "mM", "Cl in the interstitium", balance.chloride_outside),
    State("k_t", 4.0327, "mM", "K in the tubules", balance.potassium_in_tubule),
    State("na_t", 139.9462, "mM", "Na in the tubules", balance.sodium_in_tubule),
    State("cl_t", 103.9277, "mM", "Cl in the tubules", balance.chloride_in_tubule),
    State("k_i", 150.0, "mM", "K in the cell", balance.potassium_in_cell),
    State("na_i", 10.4732, "mM", "Na in the cell", balance.sodium_in_cell),
    State("cl_i", 3.3677, "mM", "Cl in the cell", balance.chloride_in_cell),
    State("clc_closed", 0.0000, "", "share of what activity can close of ClC-1",
          cl.clc_closing),
)  # fmt: skip

TAKEN = ("na_o", "k_o", "ca_o", "mg_o", "ph_o", "bind_ca", "bind_mg")
PARAMS = (
    *(p for p in AXON_PARAMS if p.name in TAKEN),
    Param("shift_m", 0.0, "mV", "shift of the fibre's gates added by hand",
          "for experiments", low=-100.0, high=100.0, bath=True),
    Param("kappa_m", 0.5, "", "share of the shift that its K gates feel (0.15-1)",
          "assumed; K channels carry less charge", low=0.0, high=2.0),
    Param("cl_o", 104.0, "mM", "Cl outside", CANNON, low=1.0, high=500.0, bath=True),
    Param("temperature_m", 35.0, "degC", "temperature of the muscle", CHOSEN,
          low=10.0, high=45.0),
    Param("persistent", 0.003, "", "Na channels that do not inactivate fast", CANNON,
          low=0.0, high=1.0),
    Param("clc", 1.0, "", "ClC-1 channels, healthy 1", "for causes", low=0.0, high=3.0,
          bath=True),
    Param("ph_m", 7.1, "", "pH in the cell", CHOSEN, low=6.0, high=8.0),
    Param("p_katp", 0.9e-8, "cm/ms", "K_ATP permeability with no ATP: K conductance "
          "of rest x 14 (Pedersen 2009)", CHOSEN, low=0.0),
    Param("leak", 0.0045, "mS/cm2", "unselective leak of all membrane, reversal 0 mV: "
          "P_Na/P_K 0.006 (0.01, Hodgkin & Horowicz 1959; disease 0.02)", FITTED,
          low=0.0, high=10.0, bath=True),
    Param("gating_pore", 0.0, "", "gating pores, 1 as in periodic paralysis", CANNON,
          low=0.0, high=100.0, bath=True),
    Param("p_gp", 1.0e-11, "cm/ms", "K and Na permeability of gating pores", CANNON,
          low=0.0),
    Param("pump", 1.0, "", "activity of the Na-K pump, healthy 1", "for causes",
          low=0.0, high=3.0),
    Param("i_pump_max", 11.7, "uA/cm2", "largest pump current at 35 degC: 0.45 of "
          "Cannon 2024, for 11 mM Na in the cell", CALIBRATED, low=0.0),
    Param("j_nkcc", 0.0085, "uA/cm2", "NKCC1 per unit of driving energy at 35 degC: "
          "0.063 of Cannon 2024", CALIBRATED, low=0.0),
    Param("tau_tubule", 560.0, "ms", "exchange of tubules with the interstitium at "
          "22 degC (350 Cannon 2024, 559 Shorten 2007, slow)", FITTED, low=1.0),
    Param("tau_blood", 45e3, "ms", "wash-out of the interstitium (30-60 s)", CHOSEN,
          low=1.0),
)  # fmt: skip
ATP = Param("atp", 8.0, "mM", "ATP in the cell", CHOSEN, low=0.0, high=20.0)
ADRENALINE = Param("adrenaline", 0.0, "", "beta-receptor stimulation", "for causes",
                   low=0.0, high=1.0)  # fmt: skip
PLATE = Param("end_plate", 0.0, "mS/cm2", "open end-plate channels, reversal 0 mV",
              "for experiments", low=0.0, bath=True)  # fmt: skip

GEOMETRY = Cable(
    table=(
        (SURFACE_AREA, SURFACE_AREA, ACCESS, 0.0, 0.0, 0.0, 0.0),
        (ions.TUBULES * SURFACE_AREA, ions.TUBULES * SURFACE_AREA, 0.0, 0.0, 0.0, 0.0,
         0.0),
    ),
    stimulus_unit="uA/cm2",  # of surface
    doc="surface (1e-3 cm2, 1 uF/cm2) and tubules of a 40 um fibre",
)  # fmt: skip

MEMBRANE = Membrane(
    compartments=COMPARTMENTS, states=STATES, params=PARAMS, derived=SHARED,
    geometry=GEOMETRY,
)  # fmt: skip

FIBRE_MEMBRANE = Model(
    name="fibre_membrane",
    title="membrane of a human muscle fibre (Cannon laboratory 2024)",
    source=CANNON,
    doc=__doc__ or "",
    compartments=COMPARTMENTS,
    states=STATES,
    geometry=GEOMETRY,
    params=(*MEMBRANE.params, ATP, ADRENALINE, PLATE),
    derived=MEMBRANE.derived,
    stiff=False,
    dt=0.02,
    start=-87.0,
    detect=-20.0,
    validity=(
        "35 degC, K 1-14 mM, seconds to minutes; current in uA per cm2 of surface "
        "(1e-3 cm2). No conduction along the fibre. With initial='reference' bath, "
        "leak, gating pore and ClC-1 change at t = 0 of a healthy fibre."
    ),
    failures=(
        "Water does not move: with initial='rest' a fibre without ClC-1 or pump gains "
        "ions without end. After-discharge needs 90 % block of ClC-1 (80 % in muscle) "
        "and ends within 0.2-0.6 s. Overshoot 44 mV (20-35 in fibres). A stimulus "
        "carries no ion; use end_plate for long trains. No current of ions along the "
        "lumen. Measured at 22 degC, temperature factors assumed."
    ),
    unsettable=MappingProxyType({
        "temperature": "it runs at its own; set temperature_m.",
        "e_na": "it follows concentrations; set na_o.",
        "e_k": "it follows concentrations; set k_o.",
        "ca_total": "give ionised calcium, ca_o in mM (total needs albumin and pH).",
        "mg_total": "give ionised magnesium, mg_o in mM (about 0.65 of total).",
    }),
)  # fmt: skip
