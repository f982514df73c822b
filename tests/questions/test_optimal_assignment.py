"""The assignment with the largest sum, compared with every possible one."""

from itertools import permutations
from random import Random

import pytest

from mastery_graph.questions.stackability.optimal_assignment import largest_assignment


def _largest_sum(values: list[list[int]]) -> int:
    rows, columns = len(values), len(values[0])
    if rows <= columns:
        return max(
            sum(values[row][chosen[row]] for row in range(rows)) for chosen in permutations(range(columns), rows)
        )
    return max(sum(values[chosen[c]][c] for c in range(columns)) for chosen in permutations(range(rows), columns))


@pytest.mark.parametrize("seed", range(40))
def test_no_assignment_has_a_larger_sum(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    rows, columns, top = random.randint(1, 5), random.randint(1, 5), random.choice([1, 3, 1000])
    values = [[random.choice([0, random.randint(0, top)]) for _ in range(columns)] for _ in range(rows)]
    pairs = largest_assignment(values)
    assert len(pairs) == len({row for row, _ in pairs}) == len({column for _, column in pairs}) == min(rows, columns)
    assert sum(values[row][column] for row, column in pairs) == _largest_sum(values)


def test_of_equal_values_the_first_are_assigned() -> None:
    assert largest_assignment([[1, 1, 1], [1, 1, 1]]) == [(0, 0), (1, 1)]


@pytest.mark.parametrize("values", [[], [[], []]])
def test_nothing_is_assigned_to_nothing(values: list[list[int]]) -> None:
    assert largest_assignment(values) == []
