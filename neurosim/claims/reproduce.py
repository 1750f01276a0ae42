"""The main job: claims through the chain, verdicts with figures on disk."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from neurosim import __version__
from neurosim.claims.axon import EVALUATED, Picture
from neurosim.claims.ledger import find, load_documents, load_ledger
from neurosim.claims.population import Bench, Population, draw
from neurosim.claims.verdict import Part, Row, judged_row
from neurosim.errors import NeurosimError, unknown

LEVELS = {"quick": 100, "normal": 200, "thorough": 1000}  # draws
BATHS = 19  # that all claims of today ask for; the length of the progress bar


def reproduce(
    ids: Iterable[str] = (),
    *,
    level: str = "normal",
    draws: int | None = None,
    seed: int = 1,
    out: str | Path = "neurosim-report",
    progress: Any = None,
) -> list[Row]:
    """Judge claims and write verdicts, draws, figures and a page.

    Parameters
    ----------
    ids : claims to judge, such as ``"C11"``; all of the ledger by default.
    level : "quick" (100 draws), "normal" (200) or "thorough" (1000).
    draws : number of draws instead of the level's, at least 100.
    seed : of the population; recorded in every verdict.
    out : folder; made if missing. progress : called with the number of baths done.

    Returns
    -------
    (claim, verdict, parts) per row. The draws are on disk before anything is drawn.
    """
    from neurosim.models import MOTOR_AXON
    from neurosim.report import write_report

    if level not in LEVELS:
        raise unknown(level, "reproduce: level", LEVELS)
    claims = find(ids) if ids else load_ledger()
    folder = prepared(out)
    count = LEVELS[level] if draws is None else draws
    population = draw(MOTOR_AXON, count, seed)
    bench = Bench(MOTOR_AXON, population, progress)
    parts: dict[str, list[Part]] = {}
    pictures: list[Picture] = []
    settings = {
        "version": __version__, "seed": seed, "draws": population.size,
        "level": level, "model": MOTOR_AXON.name, "mode": "direct",
    }  # fmt: skip
    try:
        for claim in claims:
            if claim.id in EVALUATED:
                parts[claim.id], shown = EVALUATED[claim.id](bench)
                pictures += shown
    finally:  # what was computed is kept, even after Ctrl-C
        if bench.found:
            save_draws(folder / "draws.nc", bench, population, settings)
    parts = draw_pictures(folder / "figures", parts, pictures)
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


def save_draws(
    path: Path, bench: Bench, population: Population, settings: dict
) -> None:
    """Write every draw of every bath, and what was drawn, as netCDF."""
    import xarray as xr

    baths = list(bench.found)
    names = [", ".join(f"{n}={v:g}" for n, v in bath) or "reference" for bath in baths]
    units = {"rest": "mV", "threshold": "nA", "rheobase": "nA"}
    data = {
        what: (("bath", "draw"), np.stack([bench.found[b][what] for b in baths]),
               {"units": unit})
        for what, unit in units.items()
    }  # fmt: skip
    drawn = {
        name: ("draw", values, {"units": bench.model.parameters[name].unit})
        for name, values in population.values.items()
    }
    whole = xr.Dataset(data | drawn, coords={"bath": names}, attrs=settings)
    temporary = path.with_suffix(".tmp")
    try:
        whole.to_netcdf(temporary, engine="h5netcdf")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def draw_pictures(
    folder: Path, parts: dict[str, list[Part]], pictures: list[Picture]
) -> dict[str, list[Part]]:
    """Draw every picture and tell its words to the parts that show it."""
    from neurosim.plot import dose_response, dose_response_alt, save

    words = {}
    for picture in pictures:
        shown = {
            "control": picture.control, "xlabel": picture.xlabel,
            "ylabel": picture.ylabel, "criterion": picture.criterion,
            "title": picture.title,
        }  # fmt: skip
        figure = dose_response(picture.doses, picture.draws, **shown)
        save(figure, folder / f"{picture.name}.svg")
        words[f"{picture.name}.svg"] = dose_response_alt(
            picture.doses, picture.draws, **shown
        )
    return {
        claim: [replace(p, alt=words.get(p.figure, p.alt)) for p in found]
        for claim, found in parts.items()
    }
