"""The page of a comparison: tables and work-precision figures, from the JSON files."""

import json
from pathlib import Path

import tables
from cases import ACCURACY

COLOURS = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7")
MARKERS = "osD^v<>P"
DASHES = ("-", "--", ":", "-.")
INTRODUCTION = """# neurosim and its peers

Written by `python benchmarks/peers/run.py`; every number is in the `peers_*.json`
beside this page. CPU seconds are medians on one pinned core, children included, with
all cases of a workload run in turn; wall seconds are medians on all cores. Set-up and
compilation are apart. Equal equations are a precondition: the spikes of a sample of
runs are compared with a reference, and a tool with other counts in more than one of
twenty runs takes part in no ratio. The error is that of the last spike, median over the
runs of the sample that fire repeatedly. Costs are per 1000 runs, scaled from the *n*
that were timed.

What the comparison does not show: most of these tools do more than this (morphologies,
networks, gradients, GPUs), and some are not made for many small runs. NEURON and
CoreNEURON report spikes on their grid of time steps, which alone costs half a step.
numbalsoda, diffrax and Jaxley are read out on a grid, Brian2 and Arbor between steps.
The reversal potentials, gate shifts and temperature factors of a bath are given to the
peers ready-made. In W2 neurosim's current is a channel with a parameter, not a
stimulus. NEURON's extracellular layers run on one thread.
"""


def write(folder: Path) -> None:
    """Write ``peers.md`` and its figures from the JSON files of a folder."""
    found = [json.loads(p.read_text()) for p in sorted(folder.glob("peers_W*.json"))]
    parts = [INTRODUCTION]
    for result in found:
        parts.append(section(result))
        if any(r.get("accuracy", {}).get("median_ms") for r in result["one_core"]):
            name = f"work_precision_{result['workload']}.svg"
            figure(result, folder / name)
            words = "Work and precision: error of the last spike against CPU seconds"
            parts.append(f"![{words}]({name})\n")
    (folder / "peers.md").write_text("\n".join(parts))


def section(result: dict) -> str:
    """Return the text of a workload."""
    records, more = result["one_core"], result["all_cores"]
    note = " Quick run: indicative only." if result["quick"] else ""
    if result.get("trial"):
        note = " **A trial with few or short runs: its times mean nothing.**"
    lines = [
        f"## {result['workload']}: {result['title']}\n",
        f"{result['processor']}, {result['cores']} cores, {result['date']}, neurosim "
        f"{result['neurosim']} ({result['commit']}), {result['repeats']} rounds, load "
        f"before {result['load_before']:.2f}. Reference: {result['reference']}."
        f"{note}\n",
    ]
    steps, alike = tables.at_one_step(records), tables.at_one_accuracy(records)
    if steps:
        ours = next((r for r in steps if r["label"] == tables.US), None)
        lines += ["### The same time step\n", *table(steps, ours, more)]
    if alike:
        ours = tables.cheapest(records, tables.US)
        title = f"### The cheapest setting with an error of at most {ACCURACY:g} ms\n"
        lines += [title, *table(alike, ours, more)]
    if steps or alike:
        lines += ["### All settings\n", *table(records, None, more)]
    else:
        lines += ["Ratios are those to the first setting of the same tool.\n"]
        for label in tables.labels(records):
            own = [r for r in records if r["label"] == label]
            lines += table(own, own[0], more)
    lines += [f"- not run: {w}: {why}." for w, why in result["unable"].items()]
    return "\n".join(lines) + "\n"


def table(records: list[dict], ours: dict | None, more: list[dict]) -> list[str]:
    """Return a table of records; ratios to ``ours`` if given."""
    lines = [
        "| tool | settings | n | CPU s, one core | × ours | wall s, all cores "
        "| × ours | error ms | largest | miscounts | set-up CPU s | spread % | MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in records:
        settings = ", ".join(f"{n} {v}" for n, v in r["settings"].items())
        if r["error"]:
            lines.append(f"| {r['label']} | {settings} | {r['error']} |" + " |" * 10)
            continue
        wide, wide_ours = tables.same(more, r), ours and tables.same(more, ours)
        fair = ours is not None and (tables.equal(r) or not r["accuracy"]["compared"])
        seconds = [run["cpu"] for run in r["runs"]]
        middle = tables.cost(r, per=r["n"]) or 1.0
        spread = 100.0 * (max(seconds) - min(seconds)) / middle if seconds else None
        a = r["accuracy"]
        cells = [
            r["label"], settings, r["n"], number(tables.cost(r)),
            number(tables.ratio(r, ours) if fair else None),
            number(tables.cost(wide, "wall") if wide else None),
            number(tables.ratio(wide, wide_ours, "wall") if wide and fair else None),
            number(a["median_ms"]), number(a["largest_ms"]),
            f"{a['miscounts']}/{a['compared']}", number(r["setup"]["cpu"]),
            number(spread), number(r["first"]["memory_mb"]),
        ]  # fmt: skip
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return [*lines, ""]


def number(value: float | None) -> str:
    """Return a number with three figures, or a dash."""
    return "–" if value is None else f"{value:.3g}"


def lines(records: list[dict]) -> dict[str, list[tuple[float, float]]]:
    """Return cost and error of every method, from its loosest setting to its tightest.

    Our two solvers are two methods; what ``auto`` takes is one of them.
    """
    found: dict[str, list[tuple[float, float, float]]] = {}
    for r in records:
        solver, spent = r["settings"].get("solver", ""), tables.cost(r)
        error = r["accuracy"]["median_ms"] if spent else None
        if spent and error and solver != "auto":
            name = f"{r['label']} {solver}".strip()
            found.setdefault(name, []).append((tightness(r["settings"]), spent, error))
    return {
        name: [(spent, error) for _, spent, error in sorted(points, reverse=True)]
        for name, points in found.items()
    }


def tightness(settings: dict) -> float:
    """Return the time step or the tolerance of a setting."""
    names = ("dt", "tolerance", "rtol")
    return next((settings[n] for n in names if n in settings), 0.0)


def figure(result: dict, path: Path) -> None:
    """Draw error against cost, a line per method."""
    import matplotlib as mpl

    mpl.use("agg")
    mpl.rcParams["svg.hashsalt"] = "peers"
    from matplotlib import pyplot as plt

    fig, ax = plt.subplots(figsize=(8.0, 5.0), layout="constrained")
    for k, (label, points) in enumerate(lines(result["one_core"]).items()):
        ax.loglog(
            *zip(*points, strict=True), marker=MARKERS[k % len(MARKERS)],
            color=COLOURS[k % len(COLOURS)],
            linestyle=DASHES[(k // len(COLOURS)) % len(DASHES)], label=label,
            linewidth=2.5 if label.startswith(tables.US) else 1.2, markersize=5,
        )  # fmt: skip
    ax.axhline(ACCURACY, color="0.6", linewidth=0.8)
    ax.set_xlabel("CPU seconds per 1000 runs, one core")
    ax.set_ylabel("median error of the last spike, ms")
    ax.set_title(f"{result['workload']}: {result['title']}", fontsize="medium")
    ax.grid(visible=True, which="major", color="0.9")
    ax.legend(fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
    fig.savefig(path, metadata={"Date": None})
    plt.close(fig)
