"""Excitation-contraction coupling, energy and force of human muscle fibres at 35 degC.

Pieces for a model with a tubular potential ``v_tubule`` and pump currents ``i_pump``,
``i_pump_tubule``: a fast fibre (default) and a slow one that differ in numbers only.
The kinetics are not measured ones: they are fitted at 35 degC to the human bands of
twitch and tetanus (experiments/fit_contraction.py). Calcium, creatine, adenine and
phosphate are conserved. No exchange of calcium with the outside.
"""

from dataclasses import dataclass

from neurosim.core.jit import equation
from neurosim.declare import Derived, Param, State
from neurosim.errors import unknown
from neurosim.physics import crossbridge, energy, reticulum
from neurosim.physics.ions import q10

SHORTEN = "Shorten et al. 2007"
FITTED = "fitted at 35 degC to human bands (experiments/fit_contraction.py)"
BALANCE = "makes the start values an exact rest (experiments/fit_contraction.py)"
RECALLED = "recalled, uncertain"
CHOSEN = "chosen"
NOTES = "muscle.md 5.4 (Marsden & Meadows 1970; Crivelli 2013)"
TWITCHES = "muscle.md 5.4 (human quadriceps, J Physiol 2014)"
KNOB = "for causes"


@equation
def contraction_speed(temperature_m):
    """Temperature factor of the kinetics, from 35 degC; 2 per 10 degC (recalled)."""
    return q10(2.0, temperature_m, 35.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contraction:
    """What a model of the whole fibre takes over from here."""

    states: tuple[State, ...]
    params: tuple[Param, ...]
    derived: tuple[Derived, ...]


DERIVED = (
    Derived("ec_speed", contraction_speed, "", "temperature factor of contraction"),
    Derived("half_release", reticulum.sensor_potential, "mV", "half of sensors on"),
    Derived("opening", reticulum.release_capacity, "1/ms", "all channels open"),
    Derived("leakage", reticulum.leak_permeability, "1/ms", "leak of the reticulum"),
    Derived("uptake_max", reticulum.uptake_capacity, "uM/ms", "largest uptake"),
    Derived("mg_atp", reticulum.magnesium_share, "", "share of ATP that is MgATP"),
    Derived("ca_per_free", reticulum.calcium_per_free, "", "free and on ATP, per free"),
    Derived("by_acid", crossbridge.acid_factor, "", "factor on leaving troponin"),
    Derived("attachable", crossbridge.acid_attachment, "1/ms", "rate of attachment"),
    Derived("ck_constant", energy.kinase_constant, "", "equilibrium of the kinase"),
    Derived("adp", energy.free_adp, "mM", "ADP"),
    Derived("ca_release", reticulum.released, "uM/ms", "calcium released"),
    Derived("ca_uptake", reticulum.taken_up, "uM/ms", "calcium taken up"),
    Derived("csq_bound", reticulum.calsequestrin, "mM/ms", "calsequestrin binding"),
    Derived("pv_bound", reticulum.parvalbumin_calcium, "1/ms", "parvalbumin binding"),
    Derived("first_bound", crossbridge.first_calcium, "1/ms", "first Ca on troponin"),
    Derived("second_bound", crossbridge.second_calcium, "1/ms", "second Ca"),
    Derived("switched", crossbridge.switching, "1/ms", "units switched on"),
    Derived("attached", crossbridge.attachment, "1/ms", "bridges attached"),
    Derived("stroked", crossbridge.power_stroke, "1/ms", "power strokes"),
    Derived("detached", crossbridge.detachment, "1/ms", "bridges taken off by ATP"),
    Derived("atp_made", energy.resynthesis, "mM/ms", "ATP resynthesis"),
    Derived("from_pcr", energy.kinase, "mM/ms", "ATP from phosphocreatine"),
    Derived("atp_used", energy.contraction_use, "mM/ms", "ATP used, less the pump"),
    Derived("force", crossbridge.force_fraction, "", "share of the maximal force of a "
            "fresh fibre"),
)  # fmt: skip

KNOBS = (
    Param("release", 1.0, "", "voltage-driven release, healthy 1", KNOB, low=0.0,
          high=10.0),
    Param("serca", 1.0, "", "activity of SERCA, healthy 1", KNOB, low=0.0, high=10.0),
    Param("atp_supply", 1.0, "", "ceiling of ATP resynthesis, healthy 1", KNOB, low=0.0,
          high=10.0, bath=True),
    Param("mg_i", 0.55, "mM", "free Mg in the cell", "Ryschon 1996 (0.557 mM)",
          low=0.01, high=10.0),
    Param("caffeine_um", 0.0, "uM", "caffeine at the fibre", KNOB, low=0.0, high=3e4),
    Param("adrenaline", 0.0, "", "beta-receptor stimulation", KNOB, low=0.0, high=1.0),
    Param("parvalbumin", 0.0, "uM", "parvalbumin sites; nearly none in man", RECALLED,
          low=0.0, high=5000.0),
)  # fmt: skip

COMMON = (
    Param("half_sensor", -40.0, "mV", "half activation of one of four sensors: "
          "half of the channels at -27 mV", RECALLED),
    Param("k_sensor", 8.0, "mV", "its Boltzmann slope", RECALLED, low=1.0),
    Param("sensor_speed", 0.5, "1/ms", "its rate at half activation (0.1 at 20 degC)",
          SHORTEN, low=0.0, high=2.0),
    Param("sr_volume", 0.05, "", "reticulum per myoplasm", SHORTEN, low=1e-3),
    Param("csq_total", 31.0, "mM", "calsequestrin sites", SHORTEN, low=0.0),
    Param("csq_half", 1.25, "mM", "Ca that half-fills calsequestrin", SHORTEN,
          low=1e-3),
    Param("csq_off", 0.2, "1/ms", "Ca leaving calsequestrin, fast", CHOSEN, low=0.0),
    Param("tn_total", 120.0, "uM", "troponin, two Ca each (140 in Shorten 2007)",
          RECALLED, low=0.0),
    Param("unstroke", 0.01, "1/ms", "reversal of the power stroke at rested phosphate",
          CHOSEN, low=0.0),
    Param("heads", 0.15, "mM", "myosin heads that can bear force", RECALLED, low=0.0),
    Param("adenine", 8.015167776, "mM", "ATP and ADP", RECALLED, low=0.1),
    Param("creatine", 40.0, "mM", "creatine with and without phosphate", RECALLED,
          low=0.1),
    Param("ck_rate", 0.03, "1/(mM ms)", "creatine kinase, near equilibrium", CHOSEN,
          low=0.0),
)  # fmt: skip

# Numbers in which the fibres differ: name, fast, slow, unit, meaning (, source)
NUMBERS = (
    ("release_max", 0.218, 0.271, "1/ms", "permeability with all channels open"),
    ("shut_on", 0.0525, 0.09404, "1/(uM ms)", "calcium shuts release channels"),
    ("shut_off", 0.03375, 0.03256, "1/ms", "and they recover"),
    ("serca_max", 0.6047, 0.4938, "uM/ms", "largest uptake"),
    ("serca_half", 0.3212, 0.2481, "uM", "Ca of half uptake (0.2 to 0.7)"),
    ("tn_on", 0.1188, 0.1185, "1/(uM ms)", "Ca binding to a site of troponin"),
    ("tn_off_1", 1.263, 0.7678, "1/ms", "Ca leaving troponin that has one"),
    ("tn_off_2", 0.2133, 0.06117, "1/ms", "Ca leaving each site of two"),
    ("unit_on", 0.5945, 0.09564, "1/ms", "units switch on"),
    ("unit_off", 0.3074, 0.4044, "1/ms", "units switch off"),
    ("helping", 19.26, 19.62, "", "bridges help units to switch on"),
    ("attach", 0.07366, 0.08711, "1/ms", "bridges attach weakly"),
    ("let_go", 0.04853, 0.02337, "1/ms", "weak bridges let go"),
    ("stroke", 0.03743, 0.04826, "1/ms", "power stroke"),
    ("detach", 0.08241, 0.03695, "1/ms", "ATP takes bridges off"),
)  # fmt: skip
OTHERS = (
    ("oxidative", 5e-4, 8e-4, "mM/ms", "largest oxidative resynthesis", RECALLED),
    ("glycolytic", 1.2e-3, 4e-4, "mM/ms", "largest glycolytic resynthesis", RECALLED),
    ("adrenaline_serca", 0.0, 0.4, "", "share adrenaline adds to SERCA", NOTES),
    ("adrenaline_release", 0.15, 0.0, "", "share it adds to release", TWITCHES),
    ("sr_leak", 1.355339152e-05, 1.825849301e-05, "1/ms", "leak of the reticulum",
     BALANCE),
    ("basal_use", 2.529693151e-05, 4.374051841e-05, "mM/ms", "ATP used by all else",
     BALANCE),
    ("strong_max", 0.159729145, 0.3531060789, "", "bridges when fully active",
     BALANCE),
)  # fmt: skip

# name, fast, slow, unit, meaning: a rest at -91.3933 mV, see BALANCE
STARTS = (
    ("sensor", 0.002510724671, 0.002510724671, "", "voltage sensors that are on"),
    ("shut", 0.07216494845, 0.1261875369, "", "release channels shut by calcium"),
    ("ca", 0.05, 0.05, "uM", "free calcium of the myoplasm"),
    ("ca_sr", 1.0, 1.0, "mM", "free calcium of the reticulum"),
    ("csq", 13.77777778, 13.77777778, "mM", "calcium on calsequestrin"),
    ("pv_ca", 0.371657754, 0.371657754, "", "parvalbumin with Ca"),
    ("pv_mg", 0.5392156863, 0.5392156863, "", "parvalbumin with Mg"),
    ("tn1", 0.009311979821, 0.01517753826, "", "units with one Ca"),
    ("tn2", 0.0001296604785, 0.0007350573335, "", "units with two Ca, off"),
    ("ready", 0.0002523054963, 0.0001755788012, "", "units on, no bridge"),
    ("weak", 0.0002270532551, 0.0002498196491, "", "weak bridges"),
    ("strong", 9.326749486e-05, 0.0002599912094, "", "bridges that bear force"),
    ("atp", 8.0, 8.0, "mM", "ATP"),
    ("pcr", 32.0, 32.0, "mM", "phosphocreatine"),
    ("pi", 4.0, 4.0, "mM", "phosphate"),
    ("pi_sr", 4.0, 4.0, "mM", "phosphate in the reticulum; its amount is left out"),
)  # fmt: skip
RULES = {
    "sensor": reticulum.sensor_rate,
    "shut": reticulum.shut_rate,
    "ca": reticulum.myoplasm_rate,
    "ca_sr": reticulum.reticulum_rate,
    "csq": reticulum.calsequestrin_rate,
    "pv_ca": reticulum.parvalbumin_calcium_rate,
    "pv_mg": reticulum.parvalbumin_magnesium_rate,
    "tn1": crossbridge.one_calcium_rate,
    "tn2": crossbridge.two_calcium_rate,
    "ready": crossbridge.ready_rate,
    "weak": crossbridge.weak_rate,
    "strong": crossbridge.strong_rate,
    "atp": energy.atp_rate,
    "pcr": energy.phosphocreatine_rate,
    "pi": energy.phosphate_rate,
    "pi_sr": reticulum.phosphate_enters,
}


def contraction(kind: str = "fast") -> Contraction:
    """Return the pieces of a human ``"fast"`` or ``"slow"`` fibre.

    A model that joins them provides ``v_tubule``, ``i_pump``, ``i_pump_tubule``,
    ``temperature_m`` and ``ph_m``.

    Raises
    ------
    UnknownName : for another kind.
    """
    column = {"fast": 0, "slow": 1}
    if kind not in column:
        raise unknown(kind, "the kinds of fibre", column)
    at = column[kind]
    own = [(*row, FITTED) for row in NUMBERS]
    return Contraction(
        states=tuple(
            State(name, values[at], unit, doc, RULES[name])
            for name, *values, unit, doc in STARTS
        ),
        params=(
            *KNOBS,
            *COMMON,
            *(
                Param(name, values[at], unit, doc, source, low=0.0)
                for name, *values, unit, doc, source in (*own, *OTHERS)
            ),
        ),
        derived=DERIVED,
    )


FAST_CONTRACTION = contraction("fast")
SLOW_CONTRACTION = contraction("slow")
