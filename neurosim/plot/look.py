"""How every figure looks, how it is written, and how its numbers are worded.

Nothing here touches pyplot or the settings of the process. Colours are those of Okabe
and Ito that stand out from white at least 3 to 1, always together with line styles.
"""

from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.backend_bases import get_registered_canvas_class
from matplotlib.figure import Figure

from neurosim.errors import NeurosimError
from neurosim.units import UNITS

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")  # Okabe & Ito 2008
DASHES = ("-", "--", "-.", ":")
PAIRS = [(COLOURS[k % 5], DASHES[k % 4]) for k in range(20)]  # no two are equal
MOST = 6  # lines of one panel that can still be told apart
WIDTH = 7.0  # inches, the text width of a page
CARD = 4.6  # inches: on a phone's screen its letters are still 9 pixels high
LETTERS = 12.5  # of the usual size, next to each other on an inch
RC: Any = {
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(
        color=[p[0] for p in PAIRS], linestyle=[p[1] for p in PAIRS]
    ),
    "legend.frameon": False,
    "lines.markersize": 4.0,
    "image.cmap": "cividis",
    "hatch.linewidth": 0.6,
    "figure.dpi": 80.0,  # on the screen, so that notebooks stay small
    "savefig.dpi": 150.0,
    "svg.fonttype": "none",  # letters stay letters: small files that can be searched
    "svg.hashsalt": "neurosim",
}
METADATA: dict[str, dict] = {  # without the date of writing
    ".svg": {"Date": None, "Creator": "neurosim"},
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None, "Creator": "neurosim", "Producer": None},
}


def style() -> Any:
    """Return a context, or decorator, in which matplotlib draws as here."""
    return matplotlib.rc_context(RC)


@style()
def panels(
    rows: int = 1, columns: int = 1, *, height: float = 2.4, width: float = WIDTH,
    **how: Any,
):  # fmt: skip
    """Return an empty figure and its axes, shape (rows, columns).

    Parameters
    ----------
    height : of a row, inches. width : of the figure, inches; by default a page's.
    how : as in ``matplotlib.figure.Figure.subplots``.
    """
    figure = Figure(figsize=(width, rows * height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **how)


@style()
def save(figure: Figure, path: str | Path) -> None:
    """Write a figure as SVG, PNG or PDF: the same bytes each time, whole or not at all.

    Raises
    ------
    NeurosimError : for another suffix, or a place that cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in METADATA:
        raise NeurosimError(
            f"{path}: a figure is written as {', '.join(METADATA)}; give a name that "
            "ends so."
        )
    buffer, layout = BytesIO(), figure.get_layout_engine()
    if layout is not None:  # once and for all: savefig would draw all of it for that
        get_registered_canvas_class(suffix[1:])(figure)
        layout.execute(figure)
        figure.set_layout_engine(None)
    figure.savefig(buffer, format=suffix[1:], metadata=METADATA[suffix])
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_bytes(buffer.getvalue())
        temporary.replace(path)
    except OSError as error:
        raise NeurosimError(
            f"{path} could not be written ({error.strerror or error}); give another "
            "place for the figure."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def legend_above(axes: Any, title: str = "") -> None:
    """Put the names of what a panel or several show, each once, above the figure."""
    named: dict[str, Any] = {}
    for axis in np.ravel(axes):
        for handle, name in zip(*axis.get_legend_handles_labels(), strict=True):
            named.setdefault(name, handle)
    figure = np.ravel(axes)[0].figure
    if not named:
        if title:
            figure.suptitle(title, fontsize="medium")
        return
    room = figure.get_figwidth() * LETTERS
    columns = max(1, int(room // (max(map(len, named)) + 8)))
    figure.legend(
        list(named.values()), list(named), title=title or None, frameon=False,
        ncols=min(columns, len(named)), loc="outside upper center",
    )  # fmt: skip


def chosen(sizes: Mapping[Any, int]) -> list[dict[Any, int]]:
    """Return at most 6 evenly spaced places along axes, first and last included."""
    shape = tuple(sizes.values())
    size = int(np.prod(shape))
    flat = np.linspace(0, size - 1, min(size, MOST)).round().astype(int)
    places = [map(int, np.unravel_index(k, shape)) for k in flat]
    return [dict(zip(sizes, place, strict=True)) for place in places]


def part_of(places: list, sizes: Mapping[Any, int], what: str) -> str:
    """Say how many of all places are shown, if it is not all of them."""
    size = int(np.prod(tuple(sizes.values())))
    return f"{len(places)} of {size} {what}" if size > len(places) else ""


def told(dataset: Any, where: dict[str, int]) -> str | None:
    """Return the values of the axes at a place, for a legend."""
    at = {d: dataset[d][k] for d, k in where.items()}
    names = [f"{d} = {number(v)} {unit(v)}".strip() for d, v in at.items()]
    return ", ".join(names) or None


def label(data: Any) -> str:
    """Return the long name of a DataArray, with its unit."""
    name = data.attrs.get("long_name", data.name)
    return f"{name} ({unit(data)})" if unit(data) else str(name)


def upright(text: str, height: float) -> str:
    """Break a text into lines that fit beside a panel of that many inches."""
    return fill(text, max(int(0.75 * height * LETTERS), 12))


def unit(data: Any) -> str:
    """Return the unit of a DataArray as it is printed."""
    given = str(data.attrs.get("units", ""))
    return UNITS.get(given, given)


def number(value: Any) -> str:
    """Return a number of three digits as text."""
    return f"{float(value):.3g}".replace("-", "−")
