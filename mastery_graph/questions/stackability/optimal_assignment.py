"""The assignment of rows to columns with the largest sum: the Hungarian method by shortest augmenting paths.

Crouse, D. F.: On implementing 2D rectangular assignment algorithms. IEEE Transactions on Aerospace and Electronic
Systems 52(4), 2016. Of several assignments with the same sum the same is always chosen.
"""

from collections.abc import Sequence
from math import inf


def largest_assignment(values: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Return the pairs of a row and a column, each used at most once, whose values have the largest sum, by row.

    >>> largest_assignment([[4, 1, 3], [2, 0, 5]])
    [(0, 0), (1, 2)]
    """
    if not values or not values[0]:
        return []
    if len(values[0]) < len(values):
        return sorted((row, column) for column, row in largest_assignment(list(zip(*values, strict=True))))
    return list(enumerate(_assign([[-value for value in row] for row in values])))


def _assign(costs: list[list[int]]) -> list[int]:
    """Return the column of each row with the smallest sum of costs; there are at least as many columns as rows."""
    rows, columns = len(costs), len(costs[0])
    row_duals, column_duals = [0] * rows, [0] * columns
    column_of, row_of = [-1] * rows, [-1] * columns
    for first in range(rows):
        distance: list[float] = [inf] * columns
        previous = [-1] * columns
        open_columns = list(range(columns - 1, -1, -1))
        seen_rows, seen_columns = [], []
        row, lowest, end = first, 0.0, -1
        while end < 0:
            seen_rows.append(row)
            costs_of_row, offset, best = costs[row], lowest - row_duals[row], -1
            lowest = inf
            for place, column in enumerate(open_columns):
                reduced = offset + costs_of_row[column] - column_duals[column]
                if reduced < distance[column]:
                    distance[column], previous[column] = reduced, row
                nearest = distance[column]
                if nearest < lowest or (nearest == lowest and row_of[column] < 0):
                    lowest, best = nearest, place
            column = open_columns[best]
            seen_columns.append(column)
            open_columns[best] = open_columns[-1]
            open_columns.pop()
            if row_of[column] < 0:
                end = column
            else:
                row = row_of[column]
        row_duals[first] += int(lowest)
        for row in seen_rows[1:]:
            row_duals[row] += int(lowest - distance[column_of[row]])
        for column in seen_columns:
            column_duals[column] -= int(lowest - distance[column])
        column = end
        while True:
            row = previous[column]
            row_of[column] = row
            column_of[row], column = column, column_of[row]
            if row == first:
                break
    return column_of
