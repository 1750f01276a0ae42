"""Is this machine fit to run neurosim, and what to do if not."""

import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from neurosim import __version__
from neurosim.errors import NeurosimError

PACKAGES = ("numpy", "scipy", "numba", "llvmlite", "xarray")
WIDE = ("avx512f", "avx2", "neon", "sve")  # vector units a kernel can use
REST = -65.0  # mV, squid axon: what e_l was chosen for (Hodgkin & Huxley 1952)
NEAR = 0.005  # mV: the rest to two decimals
CURRENT = 10.0  # uA/cm2: above the 6.2 at which the squid axon fires for good


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the machine; ``remedy`` says what to do where it is wrong."""

    what: str
    value: str
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Tell whether nothing needs to be done."""
        return not self.remedy


def examine() -> Iterator[Finding]:
    """Return findings about versions, processor, kernel cache and a run of a model."""
    yield Finding("neurosim", __version__)
    yield Finding("Python", f"{platform.python_version()}, {platform.platform()}")
    for name in PACKAGES:
        yield package(name)
    for check in (processor, cores, cache, self_test):
        try:
            yield check()
        except Exception as error:  # whatever is broken, the other findings matter
            text = " ".join(str(error).split()) or type(error).__name__
            yield Finding(check.__name__.replace("_", " "), text, remedy_of(error))


def remedy_of(error: Exception) -> str:
    """Return what to do about an error of a check."""
    if isinstance(error, NeurosimError):
        return "do what the sentence says"
    return (
        "install neurosim anew in a fresh environment; report it if that does not help"
    )


def package(name: str) -> Finding:
    """Return the version of a package neurosim needs."""
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "missing", f"install it: python -m pip install {name}")


def processor() -> Finding:
    """Return the processor and its vector units."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    wide = [name for name in WIDE if features.get(name)]
    value = f"{binding.get_host_cpu_name()} with {', '.join(wide) or 'no wide vectors'}"
    return Finding("processor", f"{value} ({platform.machine()})")


def cores() -> Finding:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return Finding("cores", str(len(os.sched_getaffinity(0))))
    return Finding("cores", str(os.cpu_count() or 1))


def cache() -> Finding:
    """Return the folder of compiled kernels and what lies in it."""
    from neurosim.lower.build import cache_folder

    folder = cache_folder()
    compiled = sum(1 for _ in folder.rglob("*.nbi"))
    value = f"{folder} ({compiled} compiled kernels)"
    if folder.is_relative_to(Path(tempfile.gettempdir())) and not chosen(folder):
        return Finding(
            "kernel cache", value,
            f"{meant()} cannot be written, so kernels are lost when temporary files "
            "are cleared; set NEUROSIM_CACHE to a folder of your own",
        )  # fmt: skip
    return Finding("kernel cache", value)


def meant() -> str:
    """Return the folder that was meant for compiled kernels, in words."""
    asked = os.environ.get("NEUROSIM_CACHE")
    return f"NEUROSIM_CACHE = {asked}" if asked else "the user's cache folder"


def chosen(folder: Path) -> bool:
    """Tell whether the user asked for this folder."""
    asked = os.environ.get("NEUROSIM_CACHE")
    return bool(asked) and Path(asked).expanduser() == folder


def self_test() -> Finding:
    """Run the squid axon for a second; its rest is known, a current makes it fire."""
    from neurosim.models import find
    from neurosim.protocol import Step
    from neurosim.simulation import simulate

    begin = time.perf_counter()
    found = simulate(
        find("squid_axon"), Step(CURRENT, 5.0), duration=1000.0,
        measure=("rest", "spike_count"),
    )  # fmt: skip
    rest, spikes = float(found["rest"]), float(found["spike_count"])
    took = time.perf_counter() - begin
    value = (
        f"squid axon rests at {rest:.2f} mV, {spikes:g} spikes in 1 s ({took:.1f} s)"
    )
    if abs(rest - REST) < NEAR and spikes > 0:
        return Finding("self test", value)
    return Finding(
        "self test", value,
        f"it should rest at {REST:.2f} mV and fire: empty the kernel cache and try "
        "again; report it if that does not help",
    )  # fmt: skip


def warmup(
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[tuple[str, float]]:
    """Compile the kernels of all models into the cache; yield (model, seconds) each.

    Both are needed for a first run: the step, and the derivative that finds the rest.
    """
    from neurosim.models import TITLES, find
    from neurosim.simulation import simulate

    for name in TITLES:
        begin = clock()
        model = find(name)
        simulate(model, duration=model.dt, measure=("rest",))
        yield name, clock() - begin
