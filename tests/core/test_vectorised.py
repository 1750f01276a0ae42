"""The generated kernels run on the vector units: read from their assembly."""

import platform
import re

import llvmlite.binding
import numpy as np
import pytest
from numba import config

from neurosim.core.block import memory_of
from neurosim.core.jit import bind, kernel, unbound
from neurosim.lower import rows_of, step_of
from neurosim.models import (
    END_PLATE,
    MOTOR_AXON,
    MOTOR_CABLE,
    MRG_AXON,
    MUSCLE_FIBRE,
    SQUID_AXON,
)
from neurosim.models.axon_unit import cable_of

FUSED = r"vfn?m(?:add|sub)\d*"
PACKED = re.compile(rf"\b{FUSED}pd\b.*%[yz]mm")
SCALAR = re.compile(rf"\b(?:{FUSED}sd|v?divsd|v?sqrtsd)\b")
PACKED_DIVISION = re.compile(r"\bvdivpd\b.*%[yz]mm")
LIBM = re.compile(r"(?:\$|call\w*\s+)_*(exp|expm1|exp2|log|log1p|pow|sin|cos)f?\b")

SORTED = re.compile(r"\b(?:vpermt2pd|vpermi2pd|vscatter\w+|vgather\w+)\b")

x86 = platform.machine().lower() in ("x86_64", "amd64")
features = llvmlite.binding.get_host_cpu_features() if x86 else {}
pytestmark = pytest.mark.skipif(
    config.DISABLE_JIT or not (features.get("avx2") and features.get("fma")),
    reason="needs a compiler and a processor with AVX2",
)
RUNS = 40  # of a block, known to the kernel when it runs only
LEFT = 24  # scalar operations behind the vectors of short loops
COPY = 60  # and of a loop that LLVM keeps for rows that overlap, though none does
CLOCK = (np.uint64(0), 0, 0)  # seed, run, step

WATCHED = 0
advance = move = unbound


@kernel
def scalar_exp(x, out):
    for i in range(x.size):
        out[i] = np.exp(x[i]) / x[i]


def assembly(function, *arguments):
    function(*arguments)
    *_, text = function.inspect_asm().values()  # the kernel may have others by now
    return text


@kernel
def gates(buffer, runs, dt, clock):
    advance(memory_of(buffer), runs, dt, 4.0 * dt, clock)


@kernel
def mover(buffer, runs, dt):
    return move(memory_of(buffer), runs, dt, 2.0, 0.0, WATCHED, False)


def scalars(text):
    """Count scalar arithmetic.

    There is a little: what a step needs once, and what is left over where a short loop
    takes several vectors at a time.
    """
    return sum(1 for line in text.splitlines() if SCALAR.search(line))


def gates_of(model, **variant):
    """Return the assembly of what moves all gates of a model, its rows known."""
    function = bind(gates, advance=step_of(model, **variant).advance)
    return assembly(function, np.ones(rows_of(model).size), RUNS, 0.01, CLOCK)


def mover_of(model):
    """Return the assembly of what moves the potentials of a model."""
    function = bind(mover, move=step_of(model).move, WATCHED=rows_of(model).first)
    return assembly(function, np.ones(rows_of(model).size), RUNS, 0.01)


@pytest.mark.parametrize(
    ("model", "noise", "left"),
    [
        (SQUID_AXON, False, LEFT),
        (MOTOR_AXON, False, LEFT),
        (MRG_AXON, False, LEFT),
        (MOTOR_CABLE, False, COPY),
        (cable_of(MOTOR_AXON, 2), False, LEFT),
        (SQUID_AXON, True, LEFT),
    ],
    ids=["squid_axon", "motor_axon", "mrg_axon", "motor_cable", "two nodes", "noise"],
)
def test_a_membrane_is_packed_arithmetic_only(model, noise, left):
    text = gates_of(model, channel_noise=noise)
    count = sum(len(c.gates) for c in model.compartments)
    # of a gate's two rates at least one has an exponential of its own, of ten
    assert len(PACKED.findall(text)) > 12 * count
    assert len(PACKED_DIVISION.findall(text)) >= count / 4  # four share one
    assert scalars(text) <= left
    assert LIBM.search(text) is None
    assert SORTED.search(text) is None


@pytest.mark.skipif(not features.get("avx512f"), reason="needs AVX-512")
def test_vectors_are_as_wide_as_the_processor_has_them():
    wide = re.findall(rf"\b{FUSED}pd\b.*%zmm", gates_of(SQUID_AXON))
    assert len(wide) > 20


def test_the_mover_of_a_patch_is_packed_too():
    text = mover_of(SQUID_AXON)
    assert PACKED_DIVISION.search(text)
    assert scalars(text) == 0
    assert SORTED.search(text) is None


@pytest.mark.parametrize("model", [MRG_AXON, MOTOR_CABLE], ids=lambda m: m.name)
def test_the_mover_of_a_cable_has_packed_loops_only(model):
    text = mover_of(model)
    assert len(PACKED.findall(text)) > 20
    assert PACKED_DIVISION.search(text)
    assert scalars(text) <= LEFT
    assert LIBM.search(text) is None
    assert SORTED.search(text) is None


def test_the_states_of_a_fibre_are_moved_in_packed_loops():
    text = gates_of(MUSCLE_FIBRE)
    assert len(PACKED_DIVISION.findall(text)) > 60
    packed = len(PACKED.findall(text))
    assert packed > 800  # all its loops
    assert scalars(text) < 0.5 * packed  # one may have a rest that never runs
    assert SORTED.search(text) is None


def test_stiff_states_are_moved_in_packed_loops():
    text = gates_of(END_PLATE)
    assert len(PACKED.findall(text)) > 50
    assert scalars(text) <= LEFT
    assert SORTED.search(text) is None


def test_the_check_notices_libm_and_scalar_division():
    text = assembly(scalar_exp, np.ones(64), np.ones(64))
    assert LIBM.search(text)
    assert SCALAR.search(text)
