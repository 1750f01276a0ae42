"""The random numbers: known answers, distribution, independence, both modes, SIMD."""

import itertools
import json
import math
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import llvmlite.binding
import numpy as np
import pytest
from scipy import stats

import neurosim.core.random as random_module
from neurosim.core.jit import kernel
from neurosim.core.random import (
    INTERPRETED,
    box_muller,
    log_positive,
    normals,
    sincos_turn,
    threefry,
    uniforms,
    unit,
    word,
)

CALLS = 500_000  # each gives two numbers
LANES = 64
EDGES = (0, 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1)
LARGEST = math.sqrt(2.0 * 53.0 * math.log(2.0))  # of a normal, from u = 2**-53

needs_a_million = pytest.mark.skipif(
    INTERPRETED, reason="the same numbers as compiled, too slow to draw a million"
)

# Random123, tests/kat_vectors, lines "threefry2x64 13", as key, counter -> answer;
# https://github.com/DEShawResearch/random123, commit 9545ff6
PI_KEY = (0xA4093822299F31D0, 0x082EFA98EC4E6C89)  # digits of pi
PI_COUNTER = (0x243F6A8885A308D3, 0x13198A2E03707344)  # digits of pi
KNOWN_ANSWERS = [
    ((0, 0, 0, 0), (0xF167B032C3B480BD, 0xE91F9FEE4B7A6FB5)),
    ((2**64 - 1,) * 4, (0xCCDEC5C917A874B1, 0x4DF53ABCA26CEB01)),
    ((*PI_KEY, *PI_COUNTER), (0xC3AAC71561042993, 0x3FE7AE8801AFF316)),
]


@kernel
def fill_lanes(seed, first_run, step, stream, out):
    for lane in range(out.shape[1]):
        out[0, lane], out[1, lane] = normals(seed, first_run + lane, step, stream)


@kernel
def fill_lanes_with_libm(seed, first_run, step, stream, out):
    for lane in range(out.shape[1]):
        u0, u1 = uniforms(seed, first_run + lane, step, stream)
        out[0, lane] = math.log(u0)
        out[1, lane] = math.cos(u1)


@kernel
def fill_normals(seed, run, stream, out):
    for step in range(out.shape[1]):
        out[0, step], out[1, step] = normals(seed, run, step, stream)


@kernel
def fill_uniforms(seed, run, stream, out):
    for step in range(out.shape[1]):
        out[0, step], out[1, step] = uniforms(seed, run, step, stream)


OTHERS = [{"stream": 1}, {"stream": 2**32}, {"run": 1}, {"run": 2**40}, {"run": -1}]
OTHERS += [{"seed": 1}, {"seed": 1, "run": 1}]


def drawn(fill, seed=0, run=0, stream=0, calls=CALLS):
    out = np.empty((2, calls))
    fill(seed, run, stream, out)
    return out


def correlation_in_errors(a, b):
    """Correlation of two samples in units of its standard error when independent."""
    return abs(np.corrcoef(a, b)[0, 1]) * math.sqrt(len(a))


@pytest.mark.parametrize(("asked", "answer"), KNOWN_ANSWERS)
def test_threefry_gives_the_published_answers(asked, answer):
    words = threefry(*map(np.uint64, asked))
    assert tuple(int(w) for w in words) == answer


def test_a_negative_index_counts_modulo_2_to_the_64():
    signed = threefry(-1, -(2**63), -3, 5)
    unsigned = threefry(*map(np.uint64, (2**64 - 1, 2**63, 2**64 - 3, 5)))
    assert signed == unsigned


def test_integer_types_do_not_matter():
    plain = normals(3, 5, 7, 11)
    assert normals(*map(np.uint64, (3, 5, 7, 11))) == plain
    assert normals(*map(np.int32, (3, 5, 7, 11))) == plain


def test_each_argument_changes_both_words():
    base = threefry(1, 2, 3, 4)
    for position in range(4):
        moved = [1, 2, 3, 4]
        moved[position] += 1
        assert all(a != b for a, b in zip(base, threefry(*moved), strict=True))


def test_no_two_of_the_arguments_can_be_exchanged():
    words = {threefry(*order) for order in itertools.permutations((1, 2, 3, 4))}
    assert len(words) == math.factorial(4)


def test_unit_is_exact_and_never_0_or_1():
    assert unit(word(0)) == 2.0**-53
    assert unit(word(2**64 - 1)) == 1.0 - 2.0**-53
    assert unit(word(2**63)) == 0.5 + 2.0**-53
    assert unit(word(2**63 - 1)) == 0.5 - 2.0**-53
    assert unit(word(1 << 12)) == 3 * 2.0**-53


def test_normals_of_the_outermost_uniforms_are_finite():
    ends = (2.0**-53, 0.25, 0.5, 0.75, 1.0 - 2.0**-53)
    for u, turn in itertools.product(ends, ends):
        z = box_muller(u, turn)
        assert all(math.isfinite(part) for part in z)
        radius = math.sqrt(-2.0 * math.log(u))
        assert math.hypot(*z) == pytest.approx(radius, rel=1e-13)


def test_extreme_seeds_and_counters_stay_in_range():
    for words in itertools.product(map(np.uint64, EDGES), repeat=4):
        assert all(0.0 < u < 1.0 for u in uniforms(*words))
        assert all(abs(z) <= LARGEST for z in normals(*words))


def test_log_agrees_with_libm():
    rng = np.random.default_rng(1)
    smallest, largest = np.finfo(float).tiny, np.finfo(float).max
    root = math.sqrt(0.5)
    x = np.concatenate(
        [
            rng.random(3000),
            1.0 - 2.0 ** -rng.uniform(1.0, 53.0, 3000),
            2.0 ** rng.uniform(-1022.0, 1023.0, 3000),
            [2.0**-53, root, np.nextafter(root, 0.0), 1.0 + 2.0**-52],
            [smallest, largest],
        ]
    )
    ours = [log_positive(value) for value in x]
    np.testing.assert_allclose(ours, np.log(x), rtol=1e-15, atol=0.0)
    assert log_positive(1.0) == 0.0


def test_sincos_agrees_with_libm():
    rng = np.random.default_rng(2)
    eighths = np.arange(9) / 8.0
    u = np.concatenate([rng.random(5000), eighths, [2.0**-53, 1.0 - 2.0**-53]])
    ours = np.array([sincos_turn(value) for value in u])
    # 2e-14: 1e-14 of ours, and the rounding of 2 pi u before libm sees it
    np.testing.assert_allclose(ours[:, 0], np.sin(2.0 * np.pi * u), rtol=0, atol=2e-14)
    np.testing.assert_allclose(ours[:, 1], np.cos(2.0 * np.pi * u), rtol=0, atol=2e-14)


@needs_a_million
@pytest.mark.parametrize("seed", [0, 1, 20_110_812, -1])
def test_normals_follow_the_normal_distribution(seed):
    z = drawn(fill_normals, seed=seed).ravel()
    assert stats.kstest(z, "norm").pvalue > 1e-3
    assert abs(z.mean()) < 4.0 * math.sqrt(1.0 / z.size)
    assert abs(z.var() - 1.0) < 4.0 * math.sqrt(2.0 / z.size)
    assert abs(stats.skew(z)) < 4.0 * math.sqrt(6.0 / z.size)
    assert abs(stats.kurtosis(z)) < 4.0 * math.sqrt(24.0 / z.size)


@needs_a_million
def test_normals_over_runs_follow_the_normal_distribution():
    z = np.empty((2, CALLS))
    fill_lanes(5, 0, 9, 0, z)
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-3


@needs_a_million
@pytest.mark.parametrize("seed", [0, 7])
def test_uniforms_follow_the_uniform_distribution(seed):
    u = drawn(fill_uniforms, seed=seed).ravel()
    assert stats.kstest(u, "uniform").pvalue > 1e-3


@needs_a_million
@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_streams_runs_and_seeds_are_independent(other):
    a, b = drawn(fill_normals), drawn(fill_normals, **other)
    for mine, theirs in itertools.product(a, b):
        assert correlation_in_errors(mine, theirs) < 4.0
        assert correlation_in_errors(mine**2, theirs**2) < 4.0


@needs_a_million
@pytest.mark.parametrize("lag", [1, 2, 64])
def test_steps_are_independent(lag):
    for mine, theirs in itertools.product(drawn(fill_normals), repeat=2):
        assert correlation_in_errors(mine[:-lag], theirs[lag:]) < 4.0


@needs_a_million
def test_the_two_normals_of_a_call_are_independent():
    z0, z1 = drawn(fill_normals, seed=3)
    assert correlation_in_errors(z0, z1) < 4.0
    assert correlation_in_errors(z0**2, z1**2) < 4.0
    assert correlation_in_errors(z0, z1**2) < 4.0


@pytest.mark.parametrize("lanes", [1, 7, 8, 64, 101])
def test_a_number_does_not_depend_on_the_size_of_its_block(lanes):
    block = np.empty((2, lanes))
    for step in range(20):
        fill_lanes(17, 1000, step, 2, block)
        alone = [normals(17, 1000 + lane, step, 2) for lane in range(lanes)]
        np.testing.assert_array_equal(block.T, alone)


SAMPLE = """
import json
import numpy as np
from neurosim.core.random import normals, threefry, uniforms
edges = [0, 1, 2**63, 2**64 - 1]
keys = [(a, b, c, 6) for a in edges for b in edges for c in range(4)]
rows = []
for key in keys:
    key = [np.uint64(part) for part in key]
    rows.append([[int(w) for w in threefry(*key)], uniforms(*key), normals(*key)])
rows.append([[int(w) for w in threefry(-1, 2, -3, 4)], uniforms(-1, 2, -3, 4),
             normals(-1, 2, -3, 4)])
print(json.dumps(rows))
"""


def sample(disable_jit):
    root = Path(random_module.__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", SAMPLE],
        env={**os.environ, "NUMBA_DISABLE_JIT": disable_jit, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return zip(*json.loads(result.stdout), strict=True)


def test_interpreted_and_compiled_numbers_agree():
    words, uniform, normal = sample("0")
    words_python, uniform_python, normal_python = sample("1")
    assert words == words_python
    assert uniform == uniform_python
    # Only compiled code fuses multiply and add: the last digits may differ.
    np.testing.assert_allclose(normal, normal_python, rtol=1e-13, atol=1e-14)


PACKED_MULTIPLY = re.compile(r"\bv(mul|fn?m(add|sub)\d+)pd\s.*%[yz]mm")
PACKED_ROOT = re.compile(r"\bvsqrtpd\s.*%[yz]mm")
LIBM = re.compile(r"\b_*(log|sin|cos|sincos|exp|pow)(1p|m1|2|10)?\b")

needs_avx2 = pytest.mark.skipif(
    INTERPRETED
    or platform.machine() not in ("x86_64", "AMD64")
    or not llvmlite.binding.get_host_cpu_features().get("avx2", False),
    reason="reads the assembly of an x86 processor with AVX2",
)


def assembly(fill):
    fill(1, 2, 3, 4, np.empty((2, LANES)))
    (text,) = fill.inspect_asm().values()
    return text


@needs_avx2
def test_a_lane_loop_over_normals_vectorises():
    text = assembly(fill_lanes)
    assert PACKED_MULTIPLY.search(text)
    assert PACKED_ROOT.search(text)
    assert not LIBM.search(text)


@needs_avx2
def test_the_assembly_check_notices_a_call_of_libm():
    text = assembly(fill_lanes_with_libm)
    assert {match[1] for match in LIBM.finditer(text)} >= {"log", "cos"}
