"""Figures: traces, sweeps, maps, doses and shares, and texts that say what they show.

Only this package touches matplotlib.
"""

from neurosim.plot.doses import (
    Doses,
    dose_response,
    dose_response_alt,
    dose_spread,
    ladder,
    ladder_alt,
    share_bars,
    share_bars_alt,
)
from neurosim.plot.look import (
    COLOURS,
    DASHES,
    MOST,
    PAIRS,
    RC,
    WIDTH,
    label,
    legend_above,
    number,
    panels,
    save,
    style,
    unit,
)
from neurosim.plot.maps import rate_map, rate_map_alt
from neurosim.plot.sweeps import check_axes, heatmap, lines, save_sweep, sweep_figure
from neurosim.plot.traces import save_trace, trace
from neurosim.plot.words import alt

__all__ = [
    "COLOURS", "DASHES", "MOST", "PAIRS", "RC", "WIDTH", "Doses", "alt", "check_axes",
    "dose_response", "dose_response_alt", "dose_spread", "heatmap", "label", "ladder",
    "ladder_alt", "legend_above", "lines", "number", "panels", "rate_map",
    "rate_map_alt", "save", "save_sweep", "save_trace", "share_bars", "share_bars_alt",
    "style", "sweep_figure", "trace", "unit",
]  # fmt: skip
