"""The main job: claims through the chain, verdicts with figures on disk."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from neurosim import __version__
from neurosim.claims.ahead import (
    Setting,
    asked_of,
    bench_of,
    compile_ahead,
    from_the_end,
    later,
    result_of,
)
from neurosim.claims.course import KEPT
from neurosim.claims.judge import Picture
from neurosim.claims.judges import JUDGES
from neurosim.claims.ledger import find, load_documents, load_ledger
from neurosim.claims.population import MINUTE, Bench
from neurosim.claims.shelf import Shelf
from neurosim.claims.verdict import Part, Row, judged_row
from neurosim.errors import NeurosimError, unknown
from neurosim.spontaneous import F0, SIGMA, TAU

LEVELS = {"quick": 100, "normal": 128, "thorough": 1000}  # draws; 128 fill two blocks
QUICK_MINUTE = 15.0  # s of the minute that a quick run watches pools
# kind of run -> what is kept of it, with units
UNITS = {
    "excitability": {"rest": "mV", "threshold": "nA"},
    "rates": {"r_sp": "1/min", "direct": ""},
    "impulse": {"cv": "m/s", "ap_amplitude": "mV"},
    "safety": {"safety_factor": "", "current_factor": ""},
    "sheath": {"thin_cv": "m/s", "arrived": ""},
    "myelin": {"myelin_r_sp": "1/min", "thin_r_sp": "1/min", "thin_i_th": "nA"},
    "trains": {"rate": "1/s", "spikes_per_event": "", "multiplets": ""},
    "pools": {"peak": "", "tense": "", "units": "", "busiest": "1/s"},
    "sensory": {"sensory_rate": "1/min", "sensory_direct": "", "sensory_i_th": "nA"},
    "sensory_conduction": {"sensory_share": "", "sensory_cv": "m/s"},
    "sensory_sheath": {
        "sensory_sheath_rate": "1/min", "sensory_thin_rate": "1/min",
        "sensory_thin_i_th": "nA", "sensory_bare_i_th": "nA",
    },
    "fibre_excitability": {"rest": "mV", "threshold": "uA/cm2"},
    "fibre_course": {
        "twitch": "", "time_to_peak": "ms", "rt50": "ms",
        "force30": "", "force10": "", "half30": "ms", "residual": "%",
        "rest_force": "", "transmission": "", "after": "",
    },
    "fibre_work": {
        "fresh": "", "end": "", "rt50_fresh": "ms", "rt50_end": "ms", "pcr": "mM",
        "atp": "mM", "pi": "mM",
    },
}  # fmt: skip


def reproduce(
    ids: Iterable[str] = (),
    *,
    level: str = "normal",
    draws: int | None = None,
    seed: int = 1,
    out: str | Path = "neurosim-report",
    progress: Any = None,
    helper: Executor | None = None,
) -> list[Row]:
    """Judge claims and write verdicts, draws, figures and a page.

    Parameters
    ----------
    ids : claims to judge, such as ``"C11"``; all of the ledger by default.
    level : "quick" (100 draws), "normal" (128) or "thorough" (1000).
    draws : number of draws instead of the level's, at least 100.
    seed : of the population; recorded in every verdict.
    out : folder; made if missing. progress : called with the number of baths done.
    helper : another process, which compiles and runs ahead, and draws; by default all
        is done here.

    Returns
    -------
    (claim, verdict, parts) per row. Every run is on disk as soon as it is done
    (``runs`` in the folder): the same command continues after an interruption.
    """
    from neurosim.report import write_report

    if level not in LEVELS:
        raise unknown(level, "reproduce: level", LEVELS)
    claims = find(ids) if ids else load_ledger()
    folder = prepared(out)
    count = LEVELS[level] if draws is None else draws
    watched = QUICK_MINUTE if level == "quick" else MINUTE
    setting = Setting(folder / "runs", count, seed, watched)
    bench = bench_of(setting, progress)
    shelf = Shelf(setting.runs)
    shelf.prepare()
    begun: set[str] = set()
    if helper:
        for number in range(0 if ids else len(later())):
            asked_of(helper, partial(compile_ahead, number))
        from_the_end(helper, [claim.id for claim in claims[1:]], setting, begun)
    parts: dict[str, list[Part]] = {}
    drawn: list[tuple[Callable, Future | None]] = []
    settings = {
        "version": __version__, "seed": seed, "draws": count, "level": level,
        "model": bench.model.name, "mode": "direct and linked",
        "pools watched for (s)": watched,
        "drive SD, the one free calibration (nA)": SIGMA,
        "drive correlation time (ms)": TAU, "rate law f0 (1/s)": F0,
    }  # fmt: skip
    try:
        for claim in claims:
            begun.add(claim.id)
            for judge in JUDGES.get(claim.id, ()):
                found, shown = judge(bench)
                parts.setdefault(claim.id, []).extend(found)
                for picture in shown:
                    task = partial(draw_picture, folder / "figures", picture)
                    drawn.append((task, asked_of(helper, task)))
    finally:  # after Ctrl-C too
        shelf.tidy()
        if bench.kept:
            save_draws(folder / "draws.nc", bench, settings)
    words = dict(result_of(task, future) for task, future in drawn)
    parts = {
        claim: [replace(p, alt=words.get(p.figure or "", p.alt)) for p in found]
        for claim, found in parts.items()
    }
    rows = [judged_row(claim, parts.get(claim.id, [])) for claim in claims]
    write_report(folder, rows, settings=settings, documents=load_documents())
    return rows


def prepared(out: str | Path) -> Path:
    """Return the folder of the report, with its folder of figures made."""
    folder = Path(out)
    try:
        (folder / "figures").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NeurosimError(
            f"--out {folder}: the folder cannot be made ({error.strerror}); choose "
            "another."
        ) from None
    return folder


def save_draws(path: Path, bench: Bench, settings: dict) -> None:
    """Write every draw of every bath, and what was drawn, as netCDF."""
    import xarray as xr

    drawn = {
        name: ("draw", values, {"units": bench.model.parameters[name].unit})
        for name, values in bench.population.values.items()
    }
    sets = [xr.Dataset(drawn, attrs=settings)]
    for kind, units in UNITS.items():
        fibre = kind.startswith("fibre_")
        kept = bench.fibres.inner.kept[kind] if fibre else bench.kept[kind]
        if not kept:
            continue
        data = {
            "fibre_" * fibre + name: (
                ("bath", "draw"),
                np.stack([part_of(found, name) for found in kept.values()]),
                {"units": unit},
            )
            for name, unit in units.items()
        }
        baths = distinct([told(key) for key in kept])
        sets.append(xr.Dataset(data, coords={"bath": baths}))
    sets += [at_the_end(bench)] if bench.kept["course"] else []
    whole = xr.merge(sets, join="outer", compat="override", combine_attrs="override")
    temporary = path.with_suffix(".tmp")
    try:
        whole.to_netcdf(temporary, engine="h5netcdf")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def at_the_end(bench: Bench) -> Any:
    """Return the levels of all bodies at the end of every course."""
    import xarray as xr

    kept = bench.kept["course"]
    first = next(iter(kept.values()))
    data = {
        name: (
            ("course", "draw"),
            np.stack([found[name].values[:, -1] for found in kept.values()]),
            first[name].attrs,
        )
        for name in KEPT
    }
    return xr.Dataset(data, coords={"course": [asked for ((_, asked),) in kept]})


def part_of(found: Any, name: str) -> np.ndarray:
    """Return one quantity of what a bath gave, (draws,)."""
    return found[name] if isinstance(found, dict) else getattr(found, name)


def told(key: tuple) -> str:
    """Return a bath in words; a value of its own in each draw is named so."""
    words = [
        f"{name}={values[0]:g}"
        if len(values) == 1
        else f"{name} of each draw, mean {np.mean(values):.9g}"
        for name, *values in key
    ]
    return ", ".join(words) or "reference"


def distinct(names: list[str]) -> list[str]:
    """Return names with a number behind those that stood before.

    Baths of two courses may differ by less than their words tell.
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def draw_picture(folder: Path, picture: Picture) -> tuple[str, str]:
    """Draw a picture; return the name of its file, and what it shows in words."""
    from neurosim import plot

    figure = getattr(plot, picture.kind)(**picture.shown)
    file = f"{picture.name}.svg"
    plot.save(figure, folder / file)
    return file, getattr(plot, f"{picture.kind}_alt")(**picture.shown)
