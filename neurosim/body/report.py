"""What became of a person, as text: levels with their ranges, then what an axon does.

The axon is fed the ionised levels of the day, the pH, potassium inside and out, and the
pump; the drive of its pool follows that of the motoneurons. Not medical advice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.body.homeostasis import CELLS
from neurosim.body.muscle import Muscle
from neurosim.body.treatments import read_treatments
from neurosim.clinical import RANGES, SEVERITIES, grade
from neurosim.errors import NeurosimError
from neurosim.models import MOTOR_AXON
from neurosim.pool import NODES, axon_rates, draw_pools, r_sp
from neurosim.spontaneous import SIGMA, threshold_current

# name in the result -> as printed
LEVELS = {
    "mg_total": "Mg total", "mg_ionised": "Mg ionised", "mg_tissue": "Mg in tissue",
    "ca_total": "Ca total", "ca_ionised": "Ca ionised", "pth": "PTH", "k": "K",
    "na": "Na", "ph": "pH",
}  # fmt: skip
BATH = ("ca_o", "mg_o", "k_o", "na_o", "ph_o", "pump")  # as the axon calls them too
USUAL = (1.0, 3.0, 7.0, 14.0, 30.0, 60.0, 90.0, 180.0, 365.0)  # d, worth a column
MOST = 8  # columns
SOON = 7.0  # d after a treatment begins, worth a column too
POOLS = 200  # motor pools of one person's kind, for the rate and its spread
SEED = 1  # of the pools: the same at every day
THERMAL = 26.73  # mV, RT/F at 37 degC
NOT_ADVICE = "Not medical advice: a simulation knows nothing of any patient."


@dataclass(frozen=True, slots=True)
class Response:
    """What a healthy motor axon does in the bath of some days, each (days,).

    threshold : current of a 40 ms step, relative to the healthy bath. r_sp, low,
    high : spontaneous events of a pool of 150 axons per minute, median and 5-95 % over
    pools.
    """

    threshold: np.ndarray
    r_sp: np.ndarray
    low: np.ndarray
    high: np.ndarray


def treatment_days(dataset: Any) -> list[float]:
    """Return the days on which treatments begin, rising."""
    treat, days = dataset.attrs.get("treatment", ""), float(dataset["time"].max())
    return sorted({one.begin for one in read_treatments(treat, days)})


def chosen_days(time: Any, marks: Sequence[float] = ()) -> list[int]:
    """Return which samples deserve a column: ends, treatments and round days.

    Parameters
    ----------
    time : of the samples, d. marks : days that must be among them.

    Returns
    -------
    Indices into ``time``, rising.
    """
    time = np.asarray(time, float)
    last = time[-1]
    inside = [day for day in USUAL if time[0] < day < 0.97 * last]
    if len(inside) < 2:
        inside = list(np.linspace(time[0], last, MOST - len(marks))[1:-1])
    begun = [m for m in marks if time[0] < m < last]
    must = {time[0], last, *begun}
    soon = [m + min(SOON, 0.25 * (last - m)) for m in begun]  # what a treatment does
    room = MOST - len(must)
    wanted = must | set([*inside, *soon][-room:] if room > 0 else ())
    return sorted({int(np.abs(time - day).argmin()) for day in wanted})


def axon_response(dataset: Any, samples: Sequence[int]) -> Response:
    """Return what a motor axon does at some samples of a course.

    Its threshold is simulated in every bath; rates follow from it by the calibrated law
    (``neurosim.spontaneous``), over motor pools that differ.

    Parameters
    ----------
    dataset : of one person, as ``neurosim.body.run`` returns it.
    samples : indices along ``time``.
    """
    day = one_person(dataset).isel(time=list(samples))
    usual = {name: MOTOR_AXON.parameters[name].value for name in BATH}
    bath = {n: np.concatenate([[usual[n]], day[n].values]) for n in BATH}
    inside = np.concatenate([[1.0], 140.0 / day["k_i"].values])
    coupling = MOTOR_AXON.parameters["k_coupling"].value
    rest = MOTOR_AXON.parameters["e_k_rest"].value
    bath["e_k_rest"] = rest + coupling * THERMAL * np.log(inside)
    scale = np.concatenate([[1.0], day["pna_scale"].values])
    for name, param in MOTOR_AXON.parameters.items():
        if name == "g_nap" or name.startswith("g_nap_"):
            bath[name] = param.value * scale
    count = inside.size
    runs = {name: np.tile(values, len(NODES)) for name, values in bath.items()}
    runs["shift"] = np.repeat(NODES, count)
    i_th = threshold_current(MOTOR_AXON.along("run", **runs))
    i_th = i_th.reshape(len(NODES), count).T
    drive = np.concatenate([[1.0], (day["drive"] / day["inhib"]).values])
    pools = draw_pools(POOLS, SEED)
    rates = np.array([
        r_sp(axon_rates(np.tile(row, (POOLS, 1)), pools, sigma=SIGMA * factor))
        for row, factor in zip(i_th, drive, strict=True)
    ])  # fmt: skip
    low, middle, high = np.percentile(rates[1:], [5, 50, 95], axis=1)
    normal = NODES.index(0.0)
    return Response(i_th[1:, normal] / i_th[0, normal], middle, low, high)


def one_person(dataset: Any) -> Any:
    """Return the result of one person, or say that there are many."""
    if "person" in dataset.dims and dataset.sizes["person"] != 1:
        raise NeurosimError(
            f"the result has {dataset.sizes['person']} persons; choose one, e.g. "
            "dataset.isel(person=0)."
        )
    return dataset.squeeze("person") if "person" in dataset.dims else dataset


def person_table(
    dataset: Any, *, marks: Sequence[float] = (), response: Response | None = None,
    muscle: Muscle | None = None,
) -> str:  # fmt: skip
    """Return what a cause does to a person, as a table of days.

    Parameters
    ----------
    dataset : of one person, as ``neurosim.body.run`` returns it.
    marks : days that must be shown, such as the first of a treatment.
    response : of the axon at these days; by default it is simulated.
    muscle : of a fibre at these days, where it was simulated.

    Raises
    ------
    NeurosimError : for the results of many persons.
    """
    dataset = one_person(dataset)
    samples = chosen_days(dataset["time"].values, marks)
    response = axon_response(dataset, samples) if response is None else response
    day = dataset.isel(time=samples)
    eaten = dataset.attrs.get("eaten", "")
    lines = [heading(dataset.attrs), *([eaten] if eaten else []), ""]
    lines.append(row("day", [dated(t) for t in day["time"].values], "normal"))
    for name, title in LEVELS.items():
        if name in day:
            cells = [cell(name, float(v)) for v in day[name].values]
            lines.append(row(titled(name, title), cells, normal(name)))
    lines += moved(day)
    lines += ["", "Motor axon in the blood of that day"]
    lines.append(row("threshold", [f"{x:.2f}" for x in response.threshold], "1"))
    lines.append(row("events/min", [few(x) for x in response.r_sp], ""))
    spread = [f"{few(a)}–{few(b)}" for a, b in
              zip(response.low, response.high, strict=True)]  # fmt: skip
    lines.append(row("  5–95 %", spread, ""))
    if muscle is not None:
        lines += ["", "Fast muscle fibre in it, force relative to the healthy bath"]
        for title, values in (("twitch", muscle.twitch), ("1 s at 30 Hz", muscle.train),
                              ("impulses answered", muscle.answered)):  # fmt: skip
            lines.append(row(title, [f"{x:.2f}" for x in values], "1"))
    return "\n".join([line.rstrip() for line in [*lines, "", *notes()]])


def moved(day: Any) -> list[str]:
    """Return lines for what is handed to nerve and muscle, where it is not healthy."""
    lines = []
    for param in CELLS:
        values = day[param.name].values if param.name in day else np.array([])
        if (values != param.value).any():
            title = f"{param.name} {param.unit if param.unit != '1' else ''}".rstrip()
            lines.append(
                row(title, [f"{v:.3g}   " for v in values], f"{param.value:g}")
            )
    return ["", "Handed to nerve and muscle", *lines] if lines else []


def heading(attrs: Mapping[str, Any]) -> str:
    """Return cause, severity, person and treatment in a line."""
    severity = attrs.get("severity", "")
    said = f"{attrs.get('cause', '')}{', ' + severity if severity else ''}"
    treatment = attrs.get("treatment", "")
    said += f"; treatment: {treatment}" if treatment else ""
    said += f"; without {attrs['reset']}" if attrs.get("reset") else ""
    return f"{said}; {attrs.get('person', '')}"


def row(title: str, cells: Sequence[str], normal: str) -> str:
    """Return a line of the table."""
    return f"{title:22}" + "".join(f"{cell:>12}" for cell in cells) + f"{normal:>14}"


def dated(day: float) -> str:
    """Return a day as text, in hours or minutes where that is clearer."""
    for unit, size in (("d", 1.0), ("h", 24.0), ("min", 1440.0)):
        if day * size >= 0.95 or day == 0.0:
            return f"{round(day * size, 1):g}" + ("" if unit == "d" else f" {unit}")
    return f"{day * 86400.0:.2g} s"


def titled(name: str, title: str) -> str:
    """Return the title of a level with its unit."""
    unit = RANGES[name].unit if name in RANGES else "x normal"
    return f"{title} {unit}".rstrip()


def cell(name: str, value: float) -> str:
    """Return a level as text, with an arrow per degree that it is off."""
    text = f"{value:.0f}" if name == "na" else f"{value:.2f}"
    if name not in RANGES:
        return f"{text}   "
    low, high = RANGES[name].limits
    if not low <= value <= high:
        return f"{text} !!"
    if grade(name, value) != "normal" and grade(name, float(text)) == "normal":
        text = f"{value:.1f}" if name == "na" else f"{value:.3f}"
    said = grade(name, value)
    if said == "normal":
        return f"{text}   "
    severity, side = said.split()
    arrows = ("↓" if side == "low" else "↑") * (1 + SEVERITIES.index(severity))
    return f"{text}{arrows:3}"


def normal(name: str) -> str:
    """Return the reference range as text."""
    if name not in RANGES:
        return "1"
    low, high = RANGES[name].normal
    return f"{low:g}–{high:g}"


def few(value: float) -> str:
    """Return a rate with two digits."""
    if 0.0 < value < 0.01:
        return "<0.01"
    return f"{value:.0f}" if value >= 9.95 else f"{value:.2g}"


def notes() -> list[str]:
    """Return what the reader has to know."""
    return [
        "↓ mild, ↓↓ moderate, ↓↓↓ severe (↑ likewise), !! beyond what is survived.",
        "Threshold: of a 40 ms step, relative to the healthy bath. Events: spontaneous",
        "events of a pool of 150 axons per minute by the calibrated law (not from",
        "patients), median over pools.",
        NOT_ADVICE,
    ]
