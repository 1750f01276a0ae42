"""The command line: each command calls one public function and prints what it found.

Heavy libraries are imported inside the commands, so that ``--help`` is quick.
"""

from pathlib import Path
from typing import Any

import click

from neurosim import __version__
from neurosim.errors import NeurosimError
from neurosim.terminal import (
    FAILED,
    PATH,
    PICTURES,
    RAN,
    REFUSED,
    STOPPED,
    USUAL,
    check_file,
    draw_sweep,
    level_of,
    pairs,
    person_choices,
    request_of,
    save,
    sweep_request,
    tell,
    tell_person,
    traced,
)

# options that describe runs, for simulate and sweep alike
REQUEST = (
    click.option("--set", multiple=True, metavar="NAME=VALUE",
                 help="A parameter, e.g. ca_o=0.6 (ionised mM). May be repeated."),
    click.option("--stimulus", multiple=True, metavar="TEXT",
                 help="step:AMP[:START[:STOP]], train:AMP:WIDTH:PERIOD:COUNT[:START], "
                      "ramp:BEGIN:END:START:STOP, noise:SIGMA[:TAU] or "
                      "clamp:MV[:START[:STOP]]. May be repeated."),
    click.option("--duration", metavar="TIME", help="In ms, or with its unit: '2 s'."),
    click.option("--measure", multiple=True, metavar="NAME", help="May be repeated."),
    click.option("--seed", type=int, help="Of all random numbers; by default 0."),
    click.option("--dt", metavar="TIME", help="Step; by default that of the model."),
    click.option("--solver", metavar="NAME",
                 help="auto, staggered, adaptive or reference (SciPy)."),
    click.option("--tolerance", type=float, help="Of adaptive steps; default 3e-5."),
    click.option("--initial", metavar="reference|rest",
                 help="The bath at whose rest to start: the reference's or its own."),
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Carry out a command line and return its exit code.

    Parameters
    ----------
    arguments : words after ``neurosim``; by default those the process was given.

    Returns
    -------
    0 ran, 1 some runs failed, 2 bad input (one sentence on stderr), 130 stopped.
    """
    try:
        return commands.main(arguments, "neurosim", standalone_mode=False) or RAN
    except NeurosimError as error:
        return complain(str(error))
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "neurosim"
        said = " ".join(error.format_message().split())
        return complain(f"{said.rstrip('.')}; see {where} --help.")
    except click.ClickException as error:
        return complain(" ".join(error.format_message().split()))
    except OSError as error:
        if error.filename is None:
            raise
        what = f"{error.filename}: {error.strerror or type(error).__name__}"
        return complain(f"{what}; choose a place that can be read and written.")
    except (click.Abort, KeyboardInterrupt):
        complain("stopped; what was finished is kept.")
        return STOPPED


def complain(message: str) -> int:
    """Say on stderr what is wrong; return the exit code for it."""
    click.echo(f"neurosim: {message}", err=True)
    return REFUSED


@click.group(invoke_without_command=True)
@click.version_option(__version__, message="neurosim %(version)s")
@click.pass_context
def commands(context: click.Context) -> None:
    """Shortfalls of Mg, Ca, K and Na in nerve and muscle. Not medical advice."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def describes_runs(command: Any) -> Any:
    """Add the options of ``REQUEST``."""
    for option in reversed(REQUEST):
        command = option(command)
    return command


@commands.command()
def models() -> None:
    """List what can be simulated."""
    from neurosim.models import TITLES

    for name, title in TITLES.items():
        click.echo(f"{name:14} {title}")


@commands.command()
@click.argument("model")
@click.option("--markdown", is_flag=True, help="Tables for a document.")
def describe(model: str, markdown: bool) -> None:
    """Print every equation and number of MODEL, with sources."""
    from neurosim.describe import describe
    from neurosim.models import find

    click.echo(describe(find(model), markdown=markdown), nl=False)


@commands.command()
@click.argument("model")
@describes_runs
@click.option("--record", multiple=True, metavar="NAME", help="A state, e.g. v.")
@click.option("--out", type=PATH, help="A netCDF file for everything, e.g. trace.nc.")
@click.option("--plot", type=PATH, help="A picture of the traces: png, svg or pdf.")
def simulate(model, record, out, plot, **given) -> int:
    """Run MODEL once and print what was measured."""
    from neurosim.simulation import simulate

    check_file("--out", out, (".nc",))
    check_file("--plot", plot, PICTURES)
    asked = (*(given["measure"] or USUAL), *(("spike_times",) if plot else ()))
    request = request_of(model, given | {"measure": dict.fromkeys(asked)})
    if (out or plot) and not record:
        record = traced(request["model"], request["protocol"])
    found = simulate.plain(**request, record=record)
    if out or plot:
        save(found.labelled(), out, plot, request["protocol"])
    return tell(found, [out, plot])


@commands.command()
@click.argument("model", metavar="MODEL|FILE.toml")
@describes_runs
@click.option("--over", multiple=True, metavar="NAME=START:STOP:COUNT",
              help="An axis, or NAME=A,B,C. May be repeated.")  # fmt: skip
@click.option("--out", type=PATH, required=True, help="A folder, or a .nc file.")
@click.option("--resume", is_flag=True, help="Finish what lies in the folder.")
@click.option("--executor", default="threads", metavar="threads|processes|dask")
@click.option("--scheduler", metavar="ADDRESS", help="Of a dask scheduler.")
@click.option("--plot", type=PATH, help="A picture of one or two axes: png, svg, pdf.")
def sweep(model, over, out, resume, executor, scheduler, plot, **given) -> int:
    """Run MODEL over axes of parameters, or do what FILE.toml asks."""
    from neurosim.sweep import sweep

    check_file("--plot", plot, PICTURES, made=out)
    request = sweep_request(model, over, given)
    if plot is not None:
        from neurosim.plot import check_axes

        check_axes(request["model"], request["protocol"])
    found = sweep(**request, out=out, resume=resume, executor=executor,
                  scheduler=scheduler)  # fmt: skip
    code = tell(found, [out])
    if plot is not None:
        draw_sweep(found, out, plot)
    return code


@commands.command()
@click.argument("cause", required=False)
@click.option("--severity", metavar="mild|moderate|severe",
              help="Of causes that name none; by default moderate.")  # fmt: skip
@click.option("--days", metavar="TIME", help="By default what suits the cause.")
@click.option("--treat", multiple=True, metavar="NAME[:DOSE][@DAY]",
              help="e.g. 'mg_oral:300 mg@30', stop@14; by default from half way. May "
                   "be repeated.")  # fmt: skip
@click.option("--sex", metavar="female|male", help="By default male.")
@click.option("--age", metavar="YEARS", help="By default 30.")
@click.option("--weight", metavar="KG", help="By default 70.")
@click.option(
    "--set",
    "known",
    multiple=True,
    metavar="NAME=VALUE",
    help="What else is known in health: gfr (mL/min), albumin (g/L), "
    "haemoglobin (g/dL), vitamin_d (nmol/L), mg_total, ca_total, "
    "k (mM), mg_intake, ca_intake, k_intake (mmol/d). May be repeated.",
)
@click.option(
    "--food",
    multiple=True,
    metavar="NAME[:SERVINGS]",
    help="Eaten every day, in place of the usual diet. May be repeated.",
)
@click.option(
    "--reset",
    multiple=True,
    metavar="PATHWAY",
    help="A coupling to switch off, e.g. mg_k_urine. May be repeated.",
)
@click.option(
    "--refined",
    is_flag=True,
    help="With the couplings that fit magnesium depletion better.",
)
@click.option("--muscle", is_flag=True, help="A muscle fibre too; takes a minute.")
@click.option("--out", type=PATH, help="A netCDF file for everything, e.g. person.nc.")
@click.option("--plot", type=PATH,
              help="A picture of levels and cells: png, svg or pdf.")  # fmt: skip
def person(
    cause, severity, days, treat, known, food, reset, refined, muscle, out, plot, **who
) -> int:
    """Say what CAUSE does to blood, axon and muscle; without it, list what there is.

    Causes may act together: 'loop diuretic + poor_mg_diet:severe'; 'none' is health.
    """
    if cause is None:
        click.echo(person_choices())
        return RAN
    from neurosim.body.asked import follow_person

    check_file("--out", out, (".nc",))
    check_file("--plot", plot, PICTURES)
    found = follow_person(
        cause, severity, days, ",".join(treat), who | pairs("--set", known),
        foods=food, reset=reset, refined=refined,
    )  # fmt: skip
    return tell_person(found, out, plot, muscle)


@commands.command()
@click.argument("claims", nargs=-1, metavar="[C01 C02 …]")
@click.option("--quick", is_flag=True, help="100 draws, shorter pools.")
@click.option("--thorough", is_flag=True, help="1000 draws.")
@click.option("--draws", type=int, help="How many, 100 or more; else 128.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--out", type=PATH, default="neurosim-report", show_default=True)
def reproduce(claims, quick, thorough, draws, seed, out) -> None:
    """Put claims to the test (all by default) and write a report."""
    from tqdm import tqdm

    from neurosim.claims.reproduce import reproduce
    from neurosim.report import verdict_table
    from neurosim.workers import processes, stoppable

    level = level_of(quick, thorough)
    bar = tqdm(unit=" baths", disable=None, leave=False)
    with stoppable(), processes(1) as helper, bar:
        rows = reproduce(
            claims, level=level, draws=draws, seed=seed, out=out,
            progress=bar.update, helper=helper,
        )  # fmt: skip
    click.echo(verdict_table(rows))
    click.echo(f"report: {out / 'report.html'}")


@commands.command()
@click.argument("name", required=False)
@click.option("--quick", is_flag=True, help="A smaller version that takes seconds.")
@click.option("--out", type=PATH, help="Folder for figures and data.")
def experiment(name, quick, out) -> None:
    """Answer one question with one figure; without NAME, list the questions."""
    from neurosim.experiments import questions, run

    if name is None:
        for found, question in questions().items():
            click.echo(f"{found:26} {question}")
        return
    out = out or Path(f"neurosim-{name}")
    click.echo(run(name, quick=quick, out=out))
    click.echo(f"written to {out}")


@commands.command()
def doctor() -> int:
    """Say whether this machine is fit to run, and what to do if not."""
    from neurosim.doctor import examine

    code = RAN
    for finding in examine():
        click.echo(
            f"{finding.what:14} {finding.value}: {'ok' if finding.ok else 'NOT OK'}"
        )
        if not finding.ok:
            click.echo(f"{'':14} {finding.remedy}")
            code = FAILED
    return code


@commands.command()
def warmup() -> None:
    """Compile the kernels of all models now rather than at their first run."""
    from neurosim.doctor import warmup

    for name, seconds in warmup():
        click.echo(f"{name:12} {seconds:.1f} s")
