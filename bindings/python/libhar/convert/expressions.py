"""Elementwise ops, put off until something needs their value.

A tree of elementwise ops over one value may be one op of the file: an activation (curves.py), one
multiplication and one addition per column, a layer norm (norms.py). Where the whole tree is none of
these its operands are made first, and the op at its root from them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from libhar import schema
from libhar.convert import curves, products
from libhar.convert.arithmetic import add, affine, multiply
from libhar.convert.errors import ADVICE
from libhar.convert.importer import Importer, attributes, floats, moved, refuse
from libhar.convert.norms import layer_norm_of
from libhar.convert.reductions import mean_axes, reduce
from libhar.convert.values import Computed, Constant, Expression, Operand, Product, Value

LINEAR = ("Add", "Sub", "Mul", "Div", "Neg", "Identity", "Sum")
UNARY = ("Relu", "Sigmoid", "Tanh", "Erf", "Sqrt", "Exp", "Neg", "Reciprocal", "Abs", "Gelu", "Elu")
SHAPED = ("LeakyRelu", "HardSigmoid", "HardSwish", "Softplus", "Selu", "Celu", "Softsign", "Mish")
BINARY = ("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Clip", "PRelu", "Swish")
ELEMENTWISE = {*LINEAR, *UNARY, *SHAPED, *BINARY} - {"Identity", "Sum"}
MEANS = ("ReduceMean", "GlobalAveragePool")
LARGEST = 64
"""Nodes in a tree, each counted as often as it occurs; Keras writes a layer norm with 40."""


def expression(importer: Importer, node: onnx.NodeProto) -> Value:
    """The value of an elementwise node, or of a mean: put off where it has one source."""
    given = [v for v in importer.inputs(node) if v is not None]
    scaled = products.scaled(node, given)
    if scaled is not None:
        return scaled
    return expression_of(
        importer, node, [force(importer, v) if isinstance(v, Product) else v for v in given]
    )


def expression_of(importer: Importer, node: onnx.NodeProto, operands: list[Operand]) -> Value:
    """As `expression`, of operands that are there."""
    shortened = _without_zeros(node, operands)
    if shortened is not None:
        return shortened
    if all(o.array.size == 1 for o in operands if isinstance(o, Constant)):
        operands = [_settled(importer, o) for o in operands]
    if _size(operands) > LARGEST or not _one_source(operands):
        operands = [force(importer, o) if isinstance(o, Expression) else o for o in operands]
    if not _one_source(operands):
        return _made(importer, node, operands)
    shape = _shape(node, operands)
    if any(len(o.shape) < len(shape) for o in operands if not isinstance(o, Constant)):
        return expression_of(importer, node, [_widened(importer, o, len(shape)) for o in operands])
    base = next(_base(o) for o in operands if not isinstance(o, Constant))
    made = Expression(node, tuple(operands), base, shape, _size(operands))
    fits = len(shape) == len(base.shape) and all(
        n in (1, m) for n, m in zip(shape, base.shape, strict=True)
    )
    if not fits or _is_done(importer, made):
        return force(importer, made)
    return made


def _settled(importer: Importer, operand: Operand) -> Operand:
    """An operand with constants per column is made: what scalar ops make of it may be a curve."""
    if not isinstance(operand, Expression) or _has_means(operand):
        return operand
    scalar = all(c.array.size == 1 for c in _constants(operand))
    return operand if scalar else force(importer, operand)


def _is_done(importer: Importer, value: Expression) -> bool:
    """Whether a value that several nodes read is better one value: not a part of what they make.

    A scalar function of it may still be one with them, as x / sqrt(2) and x are in a GELU.
    """
    if importer.readers[value.node.output[0]] < 2 or value.shape != value.base.shape:
        return False
    if all(c.array.size == 1 for c in _constants(value)) and not _has_means(value):
        return False
    made = _recognised(importer, value)
    if made is not None:
        importer.forced[id(value)] = value, made
    return made is not None


def _has_means(value: Expression) -> bool:
    return any(node.op_type in MEANS for node in _nodes(value))


def computed(importer: Importer, node: onnx.NodeProto, position: int) -> Computed:
    """Input `position` of a node, which must depend on the network's input; made where put off."""
    value = importer.inputs(node)[position]
    if value is None or isinstance(value, Constant):
        raise refuse(node, f"input {position} is a constant", "fold it into the network")
    return force(importer, value)


def _widened(importer: Importer, operand: Operand, rank: int) -> Operand:
    """The operand with axes of length 1 before its own, as broadcasting adds them."""
    if isinstance(operand, Constant) or len(operand.shape) == rank:
        return operand
    elements = force(importer, operand).elements
    return Computed(elements.reshape((1,) * (rank - elements.ndim) + elements.shape))


def _base(operand: Computed | Expression) -> Computed:
    return operand.base if isinstance(operand, Expression) else operand


def _size(operands: list[Operand]) -> int:
    return 1 + sum(o.size for o in operands if isinstance(o, Expression))


def _one_source(operands: list[Operand]) -> bool:
    """Whether all that is computed comes from the same value."""
    first, *others = [_base(o).elements for o in operands if not isinstance(o, Constant)]
    return all(np.array_equal(other, first) for other in others)


def force(importer: Importer, value: Expression | Product | Computed) -> Computed:
    """The value as elements; makes the ops of what was put off."""
    if isinstance(value, Computed):
        return value
    if id(value) not in importer.forced:
        if isinstance(value, Product):
            made = products.sums(importer, value)
        else:
            made = _recognised(importer, value) or _decomposed(importer, value)
        importer.forced[id(value)] = value, made
    return importer.forced[id(value)][1]


def _shape(node: onnx.NodeProto, operands: list[Operand]) -> tuple[int, ...]:
    if node.op_type in MEANS:
        axes = mean_axes(node, operands)
        return tuple(1 if i in axes else n for i, n in enumerate(operands[0].shape))
    return np.broadcast_shapes(*(o.shape for o in operands))


def _without_zeros(node: onnx.NodeProto, operands: list[Operand]) -> Operand | None:
    """The value of an op with a constant of zeros: a state of zeros goes out of a first step."""
    if node.op_type not in ("Add", "Sub", "Mul") or len(operands) != 2:
        return None
    for constant, other in (operands, operands[::-1]):
        if not isinstance(constant, Constant) or constant.array.any():
            continue
        shape = np.broadcast_shapes(constant.shape, other.shape)
        if node.op_type == "Mul":
            return Constant(node.output[0], np.zeros(shape, np.float32))
        if shape == other.shape and (node.op_type == "Add" or constant is operands[1]):
            return other
    return None


def evaluate(importer: Importer, value: Operand, base: Computed, x: NDArray[Any]) -> NDArray[Any]:
    """The tree's value, in binary64, where its base is x."""
    if isinstance(value, Constant):
        return floats(value.array) if value.array.dtype.kind == "f" else value.array
    if isinstance(value, Computed):
        return x
    given = [evaluate(importer, operand, base, x) for operand in value.operands]
    return np.asarray(importer.runner.run(value.node, given)[0])


def _constants(value: Operand) -> list[Constant]:
    if isinstance(value, Constant):
        return [value]
    return (
        [c for o in value.operands for c in _constants(o)] if isinstance(value, Expression) else []
    )


def _nodes(value: Operand) -> list[onnx.NodeProto]:
    if not isinstance(value, Expression):
        return []
    return [value.node, *(n for o in value.operands for n in _nodes(o))]


def _recognised(importer: Importer, value: Expression) -> Computed | None:
    kinds = {node.op_type for node in _nodes(value)}
    if value.shape != value.base.shape:
        return None
    if _has_means(value):
        return layer_norm_of(
            importer,
            value.node,
            value.base,
            _nodes(value),
            _constants(value),
            lambda x: evaluate(importer, value, value.base, x),
        )
    if all(c.array.size == 1 for c in _constants(value)):
        return _curve(importer, value)
    return _affine(importer, value) if kinds <= set(LINEAR) else None


def _curve(importer: Importer, value: Expression) -> Computed | None:
    line = line_of(importer, value)
    if line == (1.0, 0.0):
        return value.base
    if line is not None:
        return affine(importer, value.node, value.base, *line)
    params = curves.activation_of(_function(importer, value))
    if params is None:
        return None
    return activate(importer, value.node, value.base, params)


def _function(importer: Importer, value: Expression) -> curves.Function:
    return lambda x: np.asarray(evaluate(importer, value, value.base, x), np.float64).ravel()


def activate(
    importer: Importer, node: onnx.NodeProto, x: Computed, params: schema.Activation
) -> Computed:
    tensor, before = importer.spread(node, x.elements)
    after = importer.emit(node, params, [tensor], importer.builder.shape(tensor))
    return Computed(moved(x.elements, before, after))


def _affine(importer: Importer, value: Expression) -> Computed | None:
    """Constants of any shape: scale and offset of every element, from the values at 0 and 1."""
    zeros, ones = np.zeros(value.base.shape), np.ones(value.base.shape)
    offset = evaluate(importer, value, value.base, zeros)
    scale = evaluate(importer, value, value.base, ones) - offset
    two = evaluate(importer, value, value.base, 2 * ones)
    if offset.shape != zeros.shape or not np.allclose(two, 2 * scale + offset, 1e-9, 1e-9):
        return None
    return affine(importer, value.node, value.base, scale, offset)


def _widening(importer: Importer, node: onnx.NodeProto, operands: list[Operand]) -> Computed | None:
    """A line in one computed operand that a constant makes larger: a row for many."""
    shape = _shape(node, operands)
    wide = [
        o if isinstance(o, Constant) else Computed(np.broadcast_to(o.elements, shape))
        for o in operands
        if not isinstance(o, Expression)
    ]
    (base,) = (o for o in wide if isinstance(o, Computed))
    return _affine(importer, Expression(node, tuple(wide), base, shape, 1))


def _decomposed(importer: Importer, value: Expression) -> Computed:
    operands: list[Operand] = [
        force(importer, o) if isinstance(o, Expression) else o for o in value.operands
    ]
    if any(isinstance(o, Expression) for o in value.operands):
        return _made(importer, value.node, operands)
    return _eager(importer, value.node, operands)


def _made(importer: Importer, node: onnx.NodeProto, operands: list[Operand]) -> Computed:
    """One op from values that are there; it may be an activation by itself."""
    computed = [o for o in operands if isinstance(o, Computed)]
    if len(computed) == 1 and node.op_type not in MEANS:
        single = Expression(node, tuple(operands), computed[0], _shape(node, operands), 1)
        found = _recognised(importer, single)
        if found is not None:
            return found
    return _eager(importer, node, operands)


def _eager(importer: Importer, node: onnx.NodeProto, operands: list[Operand]) -> Computed:
    if node.op_type in MEANS:
        assert isinstance(operands[0], Computed)
        return reduce(importer, node, operands[0])
    a, b = (*operands, None)[:2]
    if isinstance(a, Computed) and isinstance(b, Computed):
        if node.op_type == "Sub":
            return add(importer, node, a, affine(importer, node, b, -1.0, 0.0))
        if node.op_type in ("Add", "Mul"):
            return (add if node.op_type == "Add" else multiply)(importer, node, a, b)
        raise refuse(node, "both operands are computed", "libhar adds and multiplies tensors")
    if node.op_type == "HardSigmoid":
        return _scaled_hard_sigmoid(importer, node, operands)
    if node.op_type == "Clip":
        bounds = [float(o.array.ravel()[0]) for o in operands[1:] if isinstance(o, Constant)]
        given = attributes(node)
        bounds = bounds or [given[k] for k in ("min", "max") if k in given]
        raise refuse(node, f"it clips to {bounds}", "use ReLU or ReLU6")
    found = _widening(importer, node, operands) if node.op_type in LINEAR else None
    if found is not None:
        return found
    default = "train with one of the activations of docs/convert.md"
    raise refuse(node, "model files lack this op", ADVICE.get(node.op_type, default))


def _scaled_hard_sigmoid(
    importer: Importer, node: onnx.NodeProto, operands: list[Operand]
) -> Computed:
    """max(0, min(1, alpha * x + beta)) as the hard sigmoid of another x."""
    (x,) = operands
    assert isinstance(x, Computed)
    given = attributes(node)
    alpha, beta = given.get("alpha", 0.2), given.get("beta", 0.5)
    inner = affine(importer, node, x, 6 * alpha, 6 * (beta - 0.5))
    return activate(importer, node, inner, schema.Activation(schema.ActivationKind.HARD_SIGMOID))


def line_of(importer: Importer, value: Expression) -> tuple[float, float] | None:
    """Slope and offset of a tree that is a line in its base; None where it is none."""
    if not {node.op_type for node in _nodes(value)} <= set(LINEAR):
        return None
    if any(c.array.size > 1 for c in _constants(value)):
        return None
    return curves.line_of(_function(importer, value))


def is_scalar(value: Expression) -> bool:
    """Whether the tree is a function of every number of its base alone."""
    scalar = all(c.array.size == 1 for c in _constants(value))
    return scalar and not _has_means(value) and value.shape == value.base.shape


def rebased(value: Expression, base: Computed) -> Expression:
    """The same function of another base."""
    operands = tuple(
        rebased(o, base) if isinstance(o, Expression) else base if isinstance(o, Computed) else o
        for o in value.operands
    )
    return Expression(value.node, operands, base, base.shape, value.size)
