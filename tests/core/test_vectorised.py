"""The generated kernels run on the vector units: read from their assembly."""

import platform
import re

import llvmlite.binding
import numpy as np
import pytest
from numba import config

from neurosim.core.jit import kernel
from neurosim.lower import rows_of, step_of
from neurosim.models import MOTOR_AXON, MOTOR_CABLE, MRG_AXON, SQUID_AXON

FUSED = r"vfn?m(?:add|sub)\d*"
PACKED = re.compile(rf"\b{FUSED}pd\b.*%[yz]mm")
SCALAR = re.compile(rf"\b(?:{FUSED}sd|v?divsd|v?sqrtsd)\b")
PACKED_DIVISION = re.compile(r"\bvdivpd\b.*%[yz]mm")
LIBM = re.compile(r"(?:\$|call\w*\s+)_*(exp|expm1|exp2|log|log1p|pow|sin|cos)f?\b")

x86 = platform.machine().lower() in ("x86_64", "amd64")
features = llvmlite.binding.get_host_cpu_features() if x86 else {}
pytestmark = pytest.mark.skipif(
    config.DISABLE_JIT or not (features.get("avx2") and features.get("fma")),
    reason="needs a compiler and a processor with AVX2",
)
CLOCK = (np.uint64(0), 0, 0)  # seed, run, step


@kernel
def scalar_exp(x, out):
    for i in range(x.size):
        out[i] = np.exp(x[i]) / x[i]


def assembly(function, *arguments):
    function(*arguments)
    *_, text = function.inspect_asm().values()  # the kernel may have others by now
    return text


def gates_of(model, **variant):
    """Return the assembly of the function that moves all gates of a model."""
    module = step_of(model, **variant)
    return assembly(module.advance, np.ones(rows_of(model).size), 0.01, 0.04, CLOCK)


@pytest.mark.parametrize(
    ("model", "noise"),
    [
        (SQUID_AXON, False),
        (MOTOR_AXON, False),
        (MRG_AXON, False),
        (MOTOR_CABLE, False),
        (SQUID_AXON, True),
    ],
    ids=["squid_axon", "motor_axon", "mrg_axon", "motor_cable", "squid noise"],
)
def test_a_membrane_is_packed_arithmetic_only(model, noise):
    text = gates_of(model, channel_noise=noise)
    gates = sum(len(c.gates) for c in model.compartments)
    # of a gate's two rates at least one has an exponential of its own, of ten
    assert len(PACKED.findall(text)) > 12 * gates
    assert len(PACKED_DIVISION.findall(text)) >= gates / 4  # four share one
    assert SCALAR.search(text) is None
    assert LIBM.search(text) is None


@pytest.mark.skipif(not features.get("avx512f"), reason="needs AVX-512")
def test_vectors_are_as_wide_as_the_processor_has_them():
    wide = re.findall(rf"\b{FUSED}pd\b.*%zmm", gates_of(SQUID_AXON))
    assert len(wide) > 20


def test_the_mover_of_a_patch_is_packed_too():
    move = step_of(SQUID_AXON).move
    text = assembly(move, np.ones(rows_of(SQUID_AXON).size), 0.01, 2.0, 0.0, 0, False)
    assert PACKED_DIVISION.search(text)
    assert SCALAR.search(text) is None


@pytest.mark.parametrize("model", [MRG_AXON, MOTOR_CABLE], ids=lambda m: m.name)
def test_the_mover_of_a_cable_has_packed_loops_only(model):
    move, watched = step_of(model).move, rows_of(model).first
    text = assembly(move, np.ones(rows_of(model).size), 0.01, 2.0, 0.0, watched, False)
    assert len(PACKED.findall(text)) > 20
    assert PACKED_DIVISION.search(text)
    lanes = [line for line in text.splitlines() if SCALAR.search(line)]
    assert len(lanes) <= 4  # what a compartment needs once, outside the loop over lanes
    assert LIBM.search(text) is None


def test_the_check_notices_libm_and_scalar_division():
    text = assembly(scalar_exp, np.ones(64), np.ones(64))
    assert LIBM.search(text)
    assert SCALAR.search(text)
