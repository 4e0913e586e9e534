"""Elements of tensors by number, and the ops that bring elements into rows x columns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from libhar import schema
from libhar.convert.builder import GraphBuilder
from libhar.convert.values import Elements

MOST_COLUMN_PARTS = 64
MOST_ROW_PARTS = 1024
NEVER = 1 << 20
"""A cost above that of any graph."""
MOST_INPUTS = 64
"""Inputs that one op of a model file can have."""


@dataclass(frozen=True)
class Plan:
    """How to bring elements together: a tensor, or an op over plans. `cost` counts ops."""

    cost: int
    tensor: int = -1
    params: schema.OpParams | None = None
    parts: tuple[Plan, ...] = ()
    shape: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Arranged:
    """A tensor whose rows and columns are those that were asked for, in these orders."""

    tensor: int
    rows: Elements
    columns: Elements


class ElementTable:
    """Numbers the elements of computed tensors, and makes tensors of elements."""

    def __init__(self, builder: GraphBuilder) -> None:
        self.builder = builder
        self._starts: list[int] = []
        self._tensors: list[int] = []
        self._next = 1
        self._made: dict[tuple[tuple[int, ...], bytes], int] = {}

    def add(self, tensor: int) -> Elements:
        """Numbers for the elements of a new tensor, [rows, columns]."""
        rows, columns = self.builder.shape(tensor)
        numbers = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns) + self._next
        self._starts.append(self._next)
        self._tensors.append(tensor)
        self._next += rows * columns
        return numbers

    def natural(self, elements: Elements) -> Elements | None:
        """The elements as rows x columns of the tensor that they all are of; None for others."""
        numbers = np.sort(elements.ravel())
        owner = self._owner(int(numbers[0]))
        if owner < 0 or owner != self._owner(int(numbers[-1])):
            return None
        width = self.builder.shape(self._tensors[owner])[1]
        rows = np.unique((numbers - self._starts[owner]) // width)
        return numbers.reshape(len(rows), -1) if numbers.size % len(rows) == 0 else None

    def arrange(
        self, wanted: Elements, rows_free: bool = False, columns_free: bool = False
    ) -> Arranged | None:
        """A tensor of the wanted [rows, columns]; free ones may come in another order.

        None where no chain of slices, joins and flattenings makes it.
        """
        best = self._cheapest(wanted, rows_free, columns_free)
        if best is None:
            return None
        plan, rows, columns = best
        return Arranged(self.make(plan, wanted[np.ix_(rows, columns)]), rows, columns)

    def cost(
        self,
        wanted: Elements,
        rows_free: bool = False,
        columns_free: bool = False,
        limit: int = NEVER,
    ) -> int:
        """Ops that `arrange` would add; NEVER where it finds none of fewer ops than `limit`."""
        best = self._cheapest(wanted, rows_free, columns_free, limit)
        return best[0].cost if best else NEVER

    def cheapest(self, options: Sequence[Elements], free: bool = False) -> int:
        """Which of several [rows, columns] needs the fewest ops, `free` in any order of both."""
        order = sorted(range(len(options)), key=lambda i: not _lies_in_rows(options[i]))
        best, limit = order[0], NEVER
        for i in order:
            cost = self.cost(options[i], free, free, limit) if limit else NEVER
            if cost < limit:
                best, limit = i, cost
        return best

    def _cheapest(
        self, wanted: Elements, rows_free: bool, columns_free: bool, limit: int = NEVER
    ) -> tuple[Plan, Elements, Elements] | None:
        rows, columns = (np.arange(n) for n in wanted.shape)
        row_orders = [rows, np.argsort(wanted[:, 0], kind="stable")] if rows_free else [rows]
        column_orders = [columns, np.argsort(wanted[0], kind="stable")]
        best: tuple[Plan, Elements, Elements] | None = None
        for r in row_orders:
            for c in column_orders if columns_free else column_orders[:1]:
                plan = self.plan(wanted[np.ix_(r, c)], limit) if limit else None
                if plan is not None:
                    best, limit = (plan, r, c), plan.cost
        return best

    def plan(self, wanted: Elements, limit: int = NEVER, depth: int = 0) -> Plan | None:
        """Fewer ops than `limit` for the wanted [rows, columns]; None where there are none."""
        if wanted.size == 0 or not wanted.all() or depth > 4:
            return None
        made = self._made.get(_key(wanted))
        if made is not None:
            return Plan(0, made, shape=(wanted.shape[0], wanted.shape[1]))
        found = (
            self._block(wanted)
            or self._flattened(wanted)
            or self._joined(wanted, 1, MOST_COLUMN_PARTS, limit, depth)
            or self._joined(wanted, 0, MOST_ROW_PARTS, limit, depth)
        )
        return found if found is not None and found.cost < limit else None

    def make(self, plan: Plan, wanted: Elements) -> int:
        """Adds the ops of a plan; returns the tensor."""
        tensor = self._make(plan)
        self._made[_key(wanted)] = tensor
        return tensor

    def _make(self, plan: Plan) -> int:
        if plan.params is None:
            return plan.tensor
        inputs = [self._make(part) for part in plan.parts]
        kind = type(plan.params).__name__.lower()
        while len(inputs) > MOST_INPUTS:  # only joins have so many
            group, rest = inputs[:MOST_INPUTS], inputs[MOST_INPUTS:]
            shapes = np.array([self.builder.shape(t) for t in group])
            rows, columns = shapes[0]
            if isinstance(plan.params, schema.Concat) and plan.params.axis == 0:
                rows = shapes[:, 0].sum()
            else:
                columns = shapes[:, 1].sum()
            inputs = [self._op(kind, plan.params, group, int(rows), int(columns)), *rest]
        return self._op(kind, plan.params, inputs, *plan.shape)

    def _op(
        self, kind: str, params: schema.OpParams, inputs: list[int], rows: int, columns: int
    ) -> int:
        name = f"{self.builder.graph.tensors[inputs[0]].name}.{kind}"
        output = self.builder.computed(name, rows, columns)
        return self.builder.op(f"{name}.{output}", params, inputs, output)

    def _owner(self, number: int) -> int:
        return bisect_right(self._starts, number) - 1

    def _block(self, wanted: Elements) -> Plan | None:
        """A tensor, or a slice of its rows, its columns or both."""
        owner = self._owner(int(wanted[0, 0]))
        tensor = self._tensors[owner]
        rows, columns = self.builder.shape(tensor)
        position = int(wanted[0, 0]) - self._starts[owner]
        row, column = divmod(position, columns)
        count, width = wanted.shape
        if row + count > rows or column + width > columns:
            return None
        first = wanted[0, 0] + np.arange(width)
        if not np.array_equal(wanted, first[None] + columns * np.arange(count)[:, None]):
            return None
        plan = Plan(0, tensor, shape=(rows, columns))
        if count < rows:
            params = schema.Slice(0, row, count)
            plan = Plan(1, params=params, parts=(plan,), shape=(count, columns))
        if width < columns:
            params = schema.Slice(1, column, width)
            plan = Plan(plan.cost + 1, params=params, parts=(plan,), shape=(count, width))
        return plan

    def _flattened(self, wanted: Elements) -> Plan | None:
        """One row of several rows of a tensor."""
        if wanted.shape[0] != 1 or wanted.shape[1] == 1:
            return None
        steps = np.flatnonzero(np.diff(wanted[0]) != 1)
        owner = self._owner(int(wanted[0, 0]))
        columns = self.builder.shape(self._tensors[owner])[1]
        column = (int(wanted[0, 0]) - self._starts[owner]) % columns
        width = int(steps[0]) + 1 if len(steps) else columns - column
        if width == wanted.shape[1] or wanted.shape[1] % width:
            return None
        plan = self._block(wanted.reshape(-1, width))
        if plan is None:
            return None
        shape = (1, wanted.shape[1])
        return Plan(plan.cost + 1, params=schema.Flatten(), parts=(plan,), shape=shape)

    def _joined(
        self, wanted: Elements, axis: int, most: int, limit: int, depth: int
    ) -> Plan | None:
        """Parts that follow each other, each made by itself; one of a tensor may cost nothing."""
        line = wanted[0] if axis == 1 else wanted[:, 0]
        owners = np.searchsorted(self._starts, line, "right") - 1
        steps = np.diff(line)
        width = np.array([self.builder.shape(self._tensors[o])[1] for o in owners])
        expected = 1 if axis == 1 else width[1:]
        breaks = np.flatnonzero((np.diff(owners) != 0) | (steps != expected)) + 1
        if not 0 < len(breaks) < most or 2 + len(breaks) - len(set(owners.tolist())) >= limit:
            return None
        parts, cost = [], 1
        for begin, end in pairwise([0, *breaks.tolist(), len(line)]):
            piece = wanted[:, begin:end] if axis == 1 else wanted[begin:end]
            part = self.plan(piece, limit - cost, depth + 1)
            if part is None:
                return None
            parts.append(part)
            cost += part.cost
        shape = (wanted.shape[0], wanted.shape[1])
        return Plan(cost, params=schema.Concat(axis), parts=tuple(parts), shape=shape)


def _lies_in_rows(plane: Elements) -> bool:
    """Whether neighbours in a row are neighbours in a tensor, as they mostly are."""
    return plane.shape[1] > 1 and bool(plane[0, 1] - plane[0, 0] == 1)


def _key(wanted: Elements) -> tuple[tuple[int, ...], bytes]:
    return wanted.shape, wanted.tobytes()
