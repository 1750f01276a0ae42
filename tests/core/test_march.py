"""When states move: the shares of a step that a segment of any length is made of."""

import pytest

from neurosim.core.march import HELD, HOLD, MIDDLE, OPENING, shares


@pytest.mark.parametrize("last", [1, 2, 3, 4, 5, 6, 7, 8, 9, 101])
def test_all_states_move_by_the_length_of_a_segment(last):
    moves = [shares(n, last) for n in range(1 - OPENING, last + 1)]
    assert sum(fast for fast, _ in moves) == last
    assert sum(held for _, held in moves if held != HELD) == last
    assert all(held >= 0.0 or held == HELD for _, held in moves)


@pytest.mark.parametrize("last", [1, 3, 4, 5, 8, 21])
def test_held_gates_lie_in_the_middle_of_the_steps_for_which_they_stay(last):
    lies, since, spans = 0.0, 0, []
    for n in range(MIDDLE, last + 1):
        move = shares(n, last)[1]
        if move != HELD:
            begin = max(n, 0)
            if spans:
                assert lies == 0.5 * (since + begin)  # held from ``since`` until now
            lies, since = lies + move, begin
            spans.append(begin)
    assert spans == [*range(0, last, HOLD), last]
