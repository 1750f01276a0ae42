"""What the commands share: options to requests, results to files and to the terminal.

Heavy libraries are imported inside the functions, so that ``--help`` is quick.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from neurosim.errors import NeurosimError

RAN, FAILED, REFUSED, STOPPED = 0, 1, 2, 130  # exit codes
USUAL = ("rest", "spike_count", "spike_rate")  # measured unless something else is asked
PICTURES = (".png", ".svg", ".pdf")
PATH = click.Path(path_type=Path)


def person_choices() -> str:
    """Return the causes, treatments, foods and pathways of ``person``, as a list."""
    from neurosim.body.inputs import rows, titles
    from neurosim.body.pathways import PATHWAYS

    foods = {row["name"]: f"{row['serving']}: Mg {row['magnesium_mg']}, Ca "
             f"{row['calcium_mg']}, K {row['potassium_mg']} mg"
             for row in rows("foods.csv")}  # fmt: skip
    pathways = {each.name: f"{each.link}: {each.doc}" for each in PATHWAYS}
    listed = {"causes": titles("causes.csv"), "treatments": titles("treatments.csv"),
              "foods": foods, "pathways": pathways}  # fmt: skip
    return "\n".join(
        f"{name:21} {title}".rstrip()
        for heading, table in listed.items()
        for name, title in {heading.upper(): "", **table}.items()
    )


def tell_person(
    found: Any, out: Path | None, plot: Path | None, with_muscle: bool = False
) -> int:
    """Write and draw the course of a person, print it; return 1 if it diverged."""
    from neurosim.body import muscle, report

    marks = report.treatment_days(found)
    save(found, out, None, None)
    chosen = report.chosen_days(found["time"].values, marks)
    axon = report.axon_response(found, chosen)
    fibre = muscle.muscle_response(found.isel(time=chosen)) if with_muscle else None
    if plot is not None:
        from neurosim.plot.body import save_person

        title = f"{found.attrs['cause']}, {found.attrs['severity']}"
        cells = {"days": found["time"].values[chosen], "axon": axon, "muscle": fibre}
        save_person(found, plot, treated=marks, title=title, cells=cells)
    click.echo(report.person_table(found, marks=marks, response=axon, muscle=fibre))
    for path in filter(None, (out, plot)):
        click.echo(f"written to {path}")
    return FAILED if found["status"].values.any() else RAN


def request_of(model: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return keyword arguments of ``simulate`` from the options of a command."""
    from neurosim.request import read_request

    if given["duration"] is None:
        raise NeurosimError("--duration is missing: give a time in ms, e.g. 1000.")
    document = {key: value for key, value in given.items() if value is not None}
    document |= {"model": model, "set": pairs("--set", given["set"])}
    for key in ("stimulus", "measure"):
        document[key] = list(document[key])
    try:
        return read_request(document, "command line")
    except NeurosimError as error:  # several troubles come as a list; here on one line
        raise NeurosimError(" ".join(str(error).split())) from None


def sweep_request(model: str, over: Iterable[str], given: dict) -> dict[str, Any]:
    """Return keyword arguments of ``sweep`` from a file or from the options."""
    from neurosim.request import sweep_from_toml

    if not model.endswith(".toml"):
        return request_of(model, given | {"over": pairs("--over", over)})
    also = [key for key, value in given.items() if value not in (None, ())]
    if also or over:
        raise NeurosimError(
            f"{model} says what to run, so write {(*also, 'over')[0]} there, not here."
        )
    return sweep_from_toml(model)


def level_of(quick: bool, thorough: bool) -> str:
    """Return how carefully claims are to be judged."""
    if quick and thorough:
        raise NeurosimError("--quick and --thorough are both given; keep one.")
    return "quick" if quick else "thorough" if thorough else "normal"


def pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Return what NAME=VALUE texts say."""
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (name and sign and value):
            raise NeurosimError(f"{option} {text!r}: write NAME=VALUE, e.g. ca_o=0.6.")
        if name in found:
            raise NeurosimError(f"{option} gives {name!r} twice; keep one.")
        found[name] = value
    return found


def check_file(
    option: str, path: Path | None, endings: tuple[str, ...], made: Path | None = None
) -> None:
    """Refuse, before anything runs, a file that could not be written at its end.

    ``made`` is a folder that the command makes itself.
    """
    if path is None:
        return
    if path.suffix.lower() not in endings:
        raise NeurosimError(
            f"{option} {path}: end the name with {' or '.join(endings)}."
        )
    if made is not None and path.parent == made and not made.exists():
        return
    if path.is_dir():
        raise NeurosimError(f"{option} {path} is a folder; take another name.")
    if not path.parent.is_dir():
        raise NeurosimError(
            f"{option} {path} needs the folder {path.parent}; make it, or take another "
            "name."
        )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise NeurosimError(f"{option} {path} cannot be written; take another place.")


def traced(model: Any, protocol: Any) -> tuple[str, ...]:
    """Return what to keep where nothing was named: v or the first state, and force.

    Under voltage clamp the current is what there is to see.
    """
    from neurosim.derived import derived_of
    from neurosim.lower import rows_of
    from neurosim.protocol import clamped, pieces_of

    first = tuple(rows_of(model).states)[:1]
    first += ("force",) * ("force" in derived_of(model))
    return first + ("i_membrane",) * clamped(pieces_of(protocol))


def save(found: Any, out: Path | None, plot: Path | None, protocol: Any) -> None:
    """Write a result and a picture of it."""
    from neurosim.store import write_whole

    if out is not None:
        write_whole(out, lambda path: found.to_netcdf(path, engine="h5netcdf"))
    if plot is not None:
        from neurosim.plot import save_trace

        save_trace(found, plot, protocol)


def draw_sweep(found: Any, out: Path, plot: Path) -> None:
    """Draw a sweep that is on the disk already."""
    from neurosim.plot import save_sweep

    try:
        save_sweep(found, plot)
    except NeurosimError as error:
        raise NeurosimError(f"{error} The sweep itself is whole, in {out}.") from error
    click.echo(f"written to {plot}")


def tell(found: Any, written: Iterable[Path | None]) -> int:
    """Print a result and where it went; return 1 if runs diverged, else 0."""
    from neurosim.describe import summary

    click.echo(summary(found))
    for path in filter(None, written):
        click.echo(f"written to {path}")
    if not found.attrs["diverged"]:
        return RAN
    click.echo(f"neurosim: {found.attrs['divergence']}", err=True)
    return FAILED
