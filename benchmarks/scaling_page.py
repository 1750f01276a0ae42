"""The page of ``scaling.py``: tables and a figure, from its JSON file."""

import json
import math
import statistics
from collections.abc import Callable
from pathlib import Path

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
MARKERS = "osD^"
IDLE = 0.5  # load before a run, above which others were at work
PANELS = {
    "runs": "Short runs of the squid axon (2 ms) on one thread: wall time of "
    "`simulate` as a whole, and the most memory the process held.",
    "few": "One step of all of a few runs, which share a block, one thread.",
    "threads": "The same work on one thread and on two; speed-up of wall time.",
    "states": "One lane-step of models of different size, one thread.",
    "compartments": "One lane-step of the motor axon's unit and of chains of its "
    "nodes, one thread.",
    "duration": "Wall time of `simulate` with 1024 runs of the squid axon, one thread.",
}
INTRODUCTION = """# How cost and memory grow

Written by `python benchmarks/scaling.py`; every raw time is in `scaling.json` beside
this page. Medians are compared. Each case is a process of its own; its kernel was
compiled before and is loaded from the cache, which is not timed. A lane-step is one
step of one run; its cost is the difference of a long and a short duration, so that
finding the rest, labels and measures do not count. Staggered steps have the model's
default length, adaptive ones the default tolerance.
"""


def write(folder: Path) -> None:
    """Write ``scaling.md`` and ``scaling.svg`` from ``scaling.json`` of a folder."""
    result = json.loads((folder / "scaling.json").read_text())
    packages = ", ".join(f"{n} {v}" for n, v in result["packages"].items())
    note = " **A quick run: indicative only.**" if result["quick"] else ""
    if result["load_before"] > IDLE:
        note += " **The machine was not idle: nothing to be quoted.**"
    if result["trial"]:
        note = " **A trial with few runs: its times mean nothing.**"
    parts = [
        INTRODUCTION,
        f"{result['processor']}, {result['cores']} cores, {result['date']}, neurosim "
        f"{result['neurosim']} ({result['commit']}), Python {result['python']}, "
        f"{packages}; load before {result['load_before']:.2f}, after "
        f"{result['load_after']:.2f}; {result['seconds']:.0f} s in all.{note}\n",
        "![Cost against many runs and few, threads, states, compartments and duration, "
        "and memory against runs](scaling.svg)\n",
    ]
    for panel, title in PANELS.items():
        records = [r for r in result["cases"] if r["panel"] == panel]
        if records:
            parts.append(f"## {panel.capitalize()}\n\n{title}\n")
            parts.append("\n".join(table(records)) + "\n")
    (folder / "scaling.md").write_text("\n".join(parts))
    figure([r for r in result["cases"] if "error" not in r], folder / "scaling.svg")


def table(records: list[dict]) -> list[str]:
    """Return the table of a panel, a row per case and duration."""
    head = (
        "model", "solver", "states", "pieces", "runs", "threads", "duration ms",
        "wall s", "CPU s", "rounds", "spread %", "ns per lane-step", "peak MB",
        "of them before",
    )  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for r in records:
        if "error" in r:
            lines.append(f"| {named(r)} | {r['solver']} | {r['error']} |")
            continue
        for k, duration in enumerate(r["durations"]):
            times = [turn[k]["wall"] for turn in r["rounds"]]
            spread = 100.0 * (max(times) - min(times)) / wall(r, k)
            last = k == len(r["durations"]) - 1
            cells = [
                named(r), r["solver"], r["states"], r["pieces"], r["runs"],
                r["threads"], f"{duration:g}", number(wall(r, k)),
                number(wall(r, k, "cpu")), len(times), number(spread),
                number(lane_step(r) if last else None),
                number(r["memory_peak_mb"]), number(r["memory_before_mb"]),
            ]  # fmt: skip
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def named(record: dict) -> str:
    """Return the name of a case's model."""
    nodes = f", chain of {record['nodes']} nodes" if record["nodes"] else ""
    return record["model"] + nodes


def wall(record: dict, k: int = -1, clock: str = "wall") -> float:
    """Return the median seconds of a case at one of its durations."""
    return statistics.median(turn[k][clock] for turn in record["rounds"])


def lane_step(record: dict) -> float | None:
    """Return ns per lane-step, from the longest and the shortest duration."""
    durations = record["durations"]
    if len(durations) < 2 or record["solver"] != "staggered":
        return None
    steps = (durations[-1] - durations[0]) / record["dt_ms"]
    differences = [t[-1]["wall"] - t[0]["wall"] for t in record["rounds"]]
    return statistics.median(differences) / (record["runs"] * steps) * 1e9


def all_lanes(record: dict) -> float | None:
    """Return ns per step of all runs of a case together."""
    one = lane_step(record)
    return None if one is None else one * record["runs"]


def number(value: float | None) -> str:
    """Return a number with three figures, or a dash."""
    if value is None:
        return "–"
    return f"{value:.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def series(records: list[dict], key: str, *words: str) -> dict[str, list[dict]]:
    """Return the records of a panel by the values of some keys, for a line each."""
    found: dict[str, list[dict]] = {}
    for r in records:
        if r["panel"] == key:
            found.setdefault(", ".join(str(r[w]) for w in words), []).append(r)
    return found


def draw(ax, lines: dict, points: Callable, x: str, y: str) -> None:
    """Draw a line per series on logarithmic axes of whole decades."""
    drawn = []
    for k, (label, records) in enumerate(lines.items()):
        data = [(a, b) for r in records for a, b in points(r) if b is not None]
        if data:
            style = {"color": COLOURS[k % 4], "marker": MARKERS[k % 4], "markersize": 5}
            ax.loglog(*zip(*sorted(data), strict=True), label=label or None, **style)
            drawn += data
    for k, limit in enumerate((ax.set_xlim, ax.set_ylim) if drawn else ()):
        values = [math.log10(point[k]) for point in drawn]
        low, high = math.floor(min(values) - 0.05), math.ceil(max(values) + 0.05)
        limit(10.0**low, 10.0**high)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.grid(visible=True, which="major", color="0.9")
    if any(lines):
        ax.legend(fontsize="small")


def figure(records: list[dict], path: Path) -> None:
    """Draw the seven panels."""
    import matplotlib as mpl

    mpl.use("agg")
    mpl.rcParams["svg.hashsalt"] = "scaling"
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(2, 4, figsize=(14.0, 6.4), layout="constrained")
    a, b, few, c, d, e, f, empty = axes.flat
    empty.set_axis_off()
    runs = series(records, "runs", "solver")
    draw(a, runs, lambda r: [(r["runs"], wall(r))], "runs", "wall time, s")
    draw(b, runs, lambda r: [(r["runs"], r["memory_peak_mb"])], "runs", "peak, MB")
    block = series(records, "few", "model")
    draw(few, block, lambda r: [(r["runs"], all_lanes(r))], "runs", "ns per step")
    speed_up(c, series(records, "threads", "model"))
    ns = "ns per lane-step"
    states = series(records, "states")
    draw(d, states, lambda r: [(r["states"], lane_step(r))], "states of the model", ns)
    name_models(d, [r for r in states.get("", []) if lane_step(r)])
    pieces = series(records, "compartments")
    draw(e, pieces, lambda r: [(r["pieces"], lane_step(r))], "compartments", ns)
    lengths = series(records, "duration", "solver")
    draw(f, lengths, lambda r: [(t, wall(r, k)) for k, t in enumerate(r["durations"])],
         "duration, ms", "wall time, s")  # fmt: skip
    for ax, letter in zip((a, b, few, c, d, e, f), "abcdefg", strict=True):
        ax.set_title(letter, loc="left", fontweight="bold")
    fig.savefig(path, metadata={"Date": None})
    plt.close(fig)


def name_models(ax, records: list[dict]) -> None:
    """Write beside each number of states whose it is, towards the middle."""
    middle = math.sqrt(math.prod(ax.get_xlim()))
    for count in sorted({r["states"] for r in records}):
        here = [r for r in records if r["states"] == count]
        left = count > middle
        ax.annotate(
            "\n".join(r["model"].replace("_", " ") for r in here),
            (count, max(lane_step(r) for r in here)),
            xytext=(-7, 2) if left else (7, -4), textcoords="offset points",
            ha="right" if left else "left", va="bottom" if left else "top",
            fontsize="small",
        )  # fmt: skip


def speed_up(ax, lines: dict[str, list[dict]]) -> None:
    """Draw the speed-up over one thread beside the ideal."""
    top = 1
    for k, (label, records) in enumerate(lines.items()):
        one = next((wall(r) for r in records if r["threads"] == 1), None)
        if one:
            counts = [r["threads"] for r in records]
            gains = [one / wall(r) for r in records]
            ax.plot(counts, gains, MARKERS[k], color=COLOURS[k], ls="-",
                    label=label.replace("_", " "))  # fmt: skip
            top = max(top, *counts)
    ax.plot([1, top], [1, top], "--", color="0.6", label="ideal")
    ax.set(xticks=range(1, top + 1), xlabel="threads", ylabel="speed-up")
    ax.grid(visible=True, color="0.9")
    ax.legend(fontsize="small")
