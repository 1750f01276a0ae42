"""The end-plate: from quanta of transmitter to a current, and to a safety factor.

A quantum is a kick of 1 to the state ``ach``. It opens channels with the time constant
``rise_ep`` and they close with ``decay_ep``, faster when depolarised. All these times
and their temperature factor are recalled (muscle.md 1.3), not read in the papers.
A fibre takes the channel ``EP``, ``EP_STATES`` and ``EP_DERIVED``.
"""

from neurosim.core.jit import equation
from neurosim.core.maths import exp
from neurosim.declare import Channel, Derived, Param, State
from neurosim.physics.ions import q10

MAGLEBY_STEVENS = "Magleby & Stevens 1972, form; number recalled, uncertain"
RECALLED = "recalled, uncertain"
TRACE = 1e-30  # quanta that are always there: numbers far below are slow to compute
WARMTH = 2.3  # per 10 degC: decay 3.2 ms at 22 and 1.1 ms at 35 degC (both recalled)


@equation
def end_plate_speed(temperature_m):
    """Temperature factor of the end-plate channels, 1 at 35 degC."""
    return q10(WARMTH, temperature_m, 35.0)


@equation
def transmitter_rate(ach, rise_ep, speed_ep):
    """1/ms: quanta in the cleft that open no channels any more."""
    return (TRACE - ach) * speed_ep / rise_ep


@equation
def closing(v, decay_ep, volts_ep, speed_ep):
    """Rate [1/ms] at which channels close; decay_ep holds at -80 mV and 35 degC."""
    return speed_ep * exp((v + 80.0) / volts_ep) / decay_ep


@equation
def channel_rate(ach_open, ach, v, rise_ep, decay_ep, volts_ep, speed_ep):
    """1/ms: opening by the transmitter there is, and closing."""
    opening = ach * speed_ep / rise_ep
    return opening - closing(v, decay_ep, volts_ep, speed_ep) * ach_open


@equation
def peak_of_quantum(rise_ep, decay_ep):
    """Largest ``ach_open`` after a kick of 1 at -80 mV; the two times must differ."""
    ratio = decay_ep / rise_ep
    return ratio ** (1.0 / (1.0 - ratio))


@equation
def open_density(g_ep, area_ep, rise_ep, decay_ep):
    """Conductance [mS/cm2] of ``ach_open`` 1; g_ep in nS at the peak, area in um2."""
    return 100.0 * g_ep / area_ep / peak_of_quantum(rise_ep, decay_ep)


@equation
def end_plate_current(v, ach_open, e_ep, density_ep):
    """End-plate current [uA/cm2] and its slope [mS/cm2]."""
    slope = density_ep * ach_open
    return slope * (v - e_ep), slope


@equation
def end_plate_potential(quanta, mini, f_martin, drive):
    """Amplitude [mV] of an end-plate potential, Martin correction (Martin 1955).

    quanta : number released. mini : amplitude of one, mV. f_martin : 0.8 for a fibre
    (recalled). drive : reversal potential less rest, mV. A cable analysis found the
    simple correction adequate at the end-plate (Biophys J, PMC1434962).
    """
    simple = quanta * mini
    return simple / (1.0 + f_martin * simple / drive)


@equation
def safety_of(relative, safety, martin):
    """End-plate potential over the one needed, with the Martin correction.

    relative : quanta over those of the healthy bath. safety : the factor there.
    martin : f m0 q / V_drive there.
    """
    return safety * relative * (1.0 + martin) / (1.0 + martin * relative)


EP = Channel(
    name="ep", ion="Na, K", source=MAGLEBY_STEVENS,
    doc="end-plate channels, opened by transmitter",
    params=(
        Param("g_ep", 50.0, "nS", "peak conductance of a quantum at -80 mV (45-50)",
              RECALLED, low=0.0),
        Param("e_ep", 0.0, "mV", "reversal of the end-plate current (-5 to 0)",
              RECALLED, low=-50.0, high=50.0),
        Param("area_ep", 1e5, "um2", "surface of fibre that the current charges",
              "assumed", low=1e2),
        Param("rise_ep", 0.25, "ms", "opening time constant at 35 degC", RECALLED,
              low=0.05, high=0.5),
        Param("decay_ep", 1.1, "ms", "closing time constant at -80 mV and 35 degC",
              RECALLED, low=0.6, high=20.0),
        Param("volts_ep", 120.0, "mV", "depolarisation that closes e times faster",
              MAGLEBY_STEVENS, low=20.0, high=1e6),
    ),
    current=end_plate_current,
)  # fmt: skip
EP_STATES = (
    State("ach", 0.0, "", "quanta in the cleft", transmitter_rate),
    State("ach_open", 0.0, "", "open channels, of a quantum", channel_rate),
)
EP_DERIVED = (
    Derived("speed_ep", end_plate_speed, "", "temperature factor of the end-plate"),
    Derived("density_ep", open_density, "mS/cm2", "conductance of one open quantum"),
)
