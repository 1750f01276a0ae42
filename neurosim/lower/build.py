"""Generated modules: written under a digest of all they depend on, then imported."""

import ast
import hashlib
import importlib.util
import inspect
import linecache
import os
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from neurosim.core.jit import python_of
from neurosim.errors import NeurosimError
from neurosim.lower.derivative import derivative_source
from neurosim.lower.flow import adaptive_source
from neurosim.lower.rows import rows_of
from neurosim.lower.step import importable, kernel_source
from neurosim.lower.text import name_functions
from neurosim.model import Model

__all__ = ["adaptive_of", "cache_folder", "derivative_of", "load", "rows_of", "step_of"]

PACKAGE, PHYSICS = Path(__file__).parents[1], "neurosim.physics"
MODULES: dict[tuple, ModuleType] = {}  # what this process has loaded, by equations


def cache_folder() -> Path:
    """Return the folder of generated modules; a temporary one if none can be written.

    ``NEUROSIM_CACHE`` chooses it; otherwise the user's cache folder does.
    """
    base = os.environ.get("NEUROSIM_CACHE")
    if not base:
        home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME")
        base = str(Path(home) / "neurosim") if home else "~/.cache/neurosim"
    user = getattr(os, "getuid", lambda: "user")()
    own = str(Path(tempfile.gettempdir()) / f"neurosim-{user}")  # others may not write
    for folder in (base, own):
        try:
            path = Path(folder).expanduser()
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            if os.access(path, os.W_OK):
                return path
        except (OSError, RuntimeError):
            continue
    raise NeurosimError(
        f"no folder for compiled kernels: {base} cannot be written; set NEUROSIM_CACHE."
    )


@lru_cache(maxsize=1)
def library_digest() -> bytes:
    """Return a digest of the code that generated modules are built on."""
    import numba

    digest = hashlib.sha256(numba.__version__.encode())
    for file in (PACKAGE / "units.py", *sorted((PACKAGE / "core").glob("*.py"))):
        digest.update(file.read_bytes())
    return digest.digest()


def step_of(
    model: Model, *, channel_noise: bool = False, clamp: bool = False
) -> ModuleType:
    """Return the compiled step kernel of a model; see ``kernel_source``."""
    key = ("step", channel_noise, clamp, model.structure, model.dt)
    if key not in MODULES:
        source = kernel_source(model, channel_noise=channel_noise, clamp=clamp)
        MODULES[key] = load(model, source, "step")
    return MODULES[key]


def adaptive_of(model: Model) -> ModuleType:
    """Return the compiled adaptive kernel of a model; see ``adaptive_source``."""
    key = ("adaptive", model.structure)
    if key not in MODULES:
        MODULES[key] = load(model, adaptive_source(model), "adaptive")
    return MODULES[key]


def derivative_of(model: Model) -> ModuleType:
    """Return the compiled derivative of a model; see ``derivative_source``."""
    key = ("derivative", model.structure)
    if key not in MODULES:
        MODULES[key] = load(model, derivative_source(model), "derivative")
    return MODULES[key]


def load(model: Model, source: str, kind: str) -> ModuleType:
    """Import generated ``source``, compiled or cached.

    Functions defined in a notebook or inside another function are handed over as they
    are; such a module is compiled anew in each process.
    """
    names = name_functions(model)
    local = {n: f for n, f in names.functions.items() if not importable(f)}
    digest = hashlib.sha256(library_digest() + source.encode())
    for function in names.functions.values():
        digest.update(source_of(function))
    stem = f"{model.name}_{kind}_{digest.hexdigest()[:16]}"
    return load_text(stem, source, tuple(local.items()))


@lru_cache(maxsize=256)
def with_imports(file: Path) -> bytes:
    """Return the text of a module and of every physics module it stands on."""
    texts, waiting = {}, [file]
    while waiting:
        here = waiting.pop()
        texts[here] = here.read_bytes()
        found = set()
        for node in ast.walk(ast.parse(texts[here])):
            if isinstance(node, ast.ImportFrom) and node.module == PHYSICS:
                found |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module.removeprefix(f"{PHYSICS}.")}
        paths = {PACKAGE / "physics" / f"{name}.py" for name in found}
        waiting += [p for p in paths if p.is_file() and p not in texts]
    return b"".join(texts[path] for path in sorted(texts))


def source_of(function) -> bytes:
    """Return what a change of the function's module would change."""
    path = sys.modules.get(function.__module__)
    file = getattr(path, "__file__", None)
    if file and Path(file).is_file():
        return with_imports(Path(file))
    try:
        return inspect.getsource(python_of(function)).encode()
    except OSError:
        return repr(id(function)).encode()


@lru_cache(maxsize=256)
def load_text(stem: str, source: str, local: tuple) -> ModuleType:
    """Import the text under its name; with local functions, without a file."""
    if local:
        text = source.replace("@entry", "@entry_uncached")
        text = text.replace("entry, kernel", "kernel")
        module = ModuleType(stem)
        vars(module).update(local, entry_uncached=uncached)
        linecache.cache[f"<{stem}>"] = (len(text), None, text.splitlines(True), stem)
        exec(compile(text, f"<{stem}>", "exec"), vars(module))  # our own text
        return module
    path = cache_folder() / f"{stem}.py"
    if not path.exists():
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, suffix=".tmp", delete=False, encoding="utf-8"
        ) as file:
            file.write(source)
        Path(file.name).replace(path)
    name = f"neurosim_generated.{stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise NeurosimError(f"{path} cannot be imported; empty the folder it is in.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba pickles its namedtuples by module
    spec.loader.exec_module(module)
    return module


def uncached(function):
    """Compile an entry point whose callees have no file to be cached by."""
    from numba import njit

    from neurosim.core.jit import FASTMATH

    return njit(nogil=True, error_model="numpy", fastmath=FASTMATH)(function)
