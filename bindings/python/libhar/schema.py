"""The model file as dataclasses: the mirror of lib/model/har_model.fbs.

The order of the fields is the order of the schema, a union counting as two slots; the annotations
say how each is stored, and `libhar.flat` reads and writes them by these annotations alone. A
default is the schema's default. docs/file-format.md says what every field means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

FORMAT_MAJOR = 1
FORMAT_MINOR = 0
IDENTIFIER = b"HARM"
BUFFER_ALIGNMENT = 64


@dataclass(frozen=True)
class Stored:
    """How an annotated value lies in the file: a NumPy type code, its alignment if not natural."""

    code: str
    alignment: int = 0


Bool = Annotated[bool, Stored("?")]
U16 = Annotated[int, Stored("<u2")]
U32 = Annotated[int, Stored("<u4")]
I32 = Annotated[int, Stored("<i4")]
F32 = Annotated[float, Stored("<f4")]
F64 = Annotated[float, Stored("<f8")]
Bytes = Annotated[NDArray[np.uint8], Stored("u1", BUFFER_ALIGNMENT)]
Digest = Annotated[NDArray[np.uint8], Stored("u1", 8)]
VecU8 = Annotated[NDArray[np.uint8], Stored("u1")]
VecI8 = Annotated[NDArray[np.int8], Stored("i1")]
VecU16 = Annotated[NDArray[np.uint16], Stored("<u2")]
VecI32 = Annotated[NDArray[np.int32], Stored("<i4")]
VecF32 = Annotated[NDArray[np.float32], Stored("<f4")]
VecF64 = Annotated[NDArray[np.float64], Stored("<f8")]


def _empty(code: str) -> Callable[[], NDArray[Any]]:
    return partial(np.zeros, 0, code)


class SensorKind(IntEnum):
    OTHER = 0
    ACCELEROMETER = 1
    GYROSCOPE = 2
    MAGNETOMETER = 3
    GRAVITY = 4
    LINEAR_ACCELERATION = 5
    BAROMETER = 6
    HEART_RATE = 7


class Axis(IntEnum):
    NONE = 0
    X = 1
    Y = 2
    Z = 3


class Unit(IntEnum):
    NONE = 0
    METRE_PER_SECOND_SQUARED = 1
    STANDARD_GRAVITY = 2
    RADIAN_PER_SECOND = 3
    DEGREE_PER_SECOND = 4
    MICROTESLA = 5
    EARTH_FIELD = 6
    HECTOPASCAL = 7
    BEAT_PER_MINUTE = 8


class Placement(IntEnum):
    UNSPECIFIED = 0
    WAIST = 1
    POCKET = 2
    HAND = 3
    LEFT_WRIST = 4
    RIGHT_WRIST = 5
    LEFT_ARM = 6
    RIGHT_ARM = 7
    LEFT_LEG = 8
    RIGHT_LEG = 9
    LEFT_ANKLE = 10
    RIGHT_ANKLE = 11
    CHEST = 12
    BACK = 13
    HEAD = 14


class FilterKind(IntEnum):
    LOWPASS = 0
    HIGHPASS = 1


class DType(IntEnum):
    F32 = 0
    I32 = 1
    I16 = 2
    I8 = 3
    U8 = 4


class ActivationKind(IntEnum):
    NONE = 0
    RELU = 1
    RELU6 = 2
    SIGMOID = 3
    TANH = 4
    GELU = 5
    GELU_TANH = 6
    HARD_SIGMOID = 7
    HARD_SWISH = 8
    LEAKY_RELU = 9
    SILU = 10


class Padding(IntEnum):
    VALID = 0
    SAME = 1
    EXPLICIT = 2


class PoolKind(IntEnum):
    MAX = 0
    AVERAGE = 1
    SUM = 2


class CellKind(IntEnum):
    RNN = 0
    LSTM = 1
    GRU = 2


class ScoreKind(IntEnum):
    LOGITS = 0
    PROBABILITIES = 1


@dataclass(eq=False)
class Version:
    major: U16 = 0
    minor: U16 = 0


@dataclass(eq=False)
class Measurement:
    metric: str = ""
    split: str = ""
    value: F64 = 0.0
    low: F64 = 0.0
    high: F64 = 0.0
    interval: str = ""


@dataclass(eq=False)
class Card:
    description: str = ""
    training_data: str = ""
    split: str = ""
    licence: str = ""
    source: str = ""
    measurements: list[Measurement] = field(default_factory=list)
    devices: str = ""


@dataclass(eq=False)
class Channel:
    name: str = ""
    kind: SensorKind = SensorKind.OTHER
    axis: Axis = Axis.NONE
    unit: Unit = Unit.NONE
    placement: Placement = Placement.UNSPECIFIED
    range: F64 = 0.0


@dataclass(eq=False)
class Section:
    STRUCT: ClassVar[str] = "<5d"
    b0: float = 0.0
    b1: float = 0.0
    b2: float = 0.0
    a1: float = 0.0
    a2: float = 0.0


@dataclass(eq=False)
class Median:
    channels: VecU16 = field(default_factory=_empty("<u2"))
    width: U16 = 3


@dataclass(eq=False)
class Filter:
    channels: VecU16 = field(default_factory=_empty("<u2"))
    kind: FilterKind = FilterKind.LOWPASS
    order: U16 = 0
    cutoff_hz: F64 = 0.0
    sections: list[Section] = field(default_factory=list)


@dataclass(eq=False)
class GravitySplit:
    channels: VecU16 = field(default_factory=_empty("<u2"))
    order: U16 = 0
    cutoff_hz: F64 = 0.0
    sections: list[Section] = field(default_factory=list)


@dataclass(eq=False)
class Scale:
    channels: VecU16 = field(default_factory=_empty("<u2"))
    scale: VecF64 = field(default_factory=_empty("<f8"))
    offset: VecF64 = field(default_factory=_empty("<f8"))


@dataclass(eq=False)
class Select:
    channels: VecU16 = field(default_factory=_empty("<u2"))


SignalParams = Median | Filter | GravitySplit | Scale | Select


@dataclass(eq=False)
class SignalStep:
    params: SignalParams


@dataclass(eq=False)
class Contract:
    acceleration: VecU16 = field(default_factory=_empty("<u2"))
    rotation: VecU16 = field(default_factory=_empty("<u2"))
    moving_above: F32 = 0.0
    gravity_still: VecU8 = field(default_factory=_empty("u1"))
    gravity_moving: VecU8 = field(default_factory=_empty("u1"))
    rotation_least: F32 = 0.0
    ratio_least: F32 = 0.0
    ratio_most: F32 = 0.0
    axes_weights: VecI8 = field(default_factory=_empty("i1"))
    axes_units: VecF32 = field(default_factory=_empty("<f4"))
    axes_margin: F32 = 0.0


@dataclass(eq=False)
class Signal:
    channels: list[Channel] = field(default_factory=list)
    rate_hz: F64 = 0.0
    window: U32 = 0
    hop: U32 = 0
    steps: list[SignalStep] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)


@dataclass(eq=False)
class Quantization:
    scales: VecF32 = field(default_factory=_empty("<f4"))
    zero_point: I32 = 0


@dataclass(eq=False)
class Tensor:
    name: str = ""
    dtype: DType = DType.F32
    shape: VecI32 = field(default_factory=_empty("<i4"))
    quantization: Quantization | None = None
    buffer: I32 = -1


@dataclass(eq=False)
class Conv1d:
    stride: U32 = 1
    dilation: U32 = 1
    groups: U32 = 1
    padding: Padding = Padding.VALID
    pad_left: U32 = 0
    pad_right: U32 = 0


@dataclass(eq=False)
class Dense:
    pass


@dataclass(eq=False)
class Pool:
    kind: PoolKind = PoolKind.MAX
    kernel: U32 = 0
    stride: U32 = 1
    padding: Padding = Padding.VALID
    pad_left: U32 = 0
    pad_right: U32 = 0
    count_padding: Bool = False


@dataclass(eq=False)
class AdaptivePool:
    rows: U32 = 1


@dataclass(eq=False)
class GlobalPool:
    kind: PoolKind = PoolKind.MAX
    axis: U32 = 0


@dataclass(eq=False)
class Add:
    pass


@dataclass(eq=False)
class Concat:
    axis: U32 = 1


@dataclass(eq=False)
class Activation:
    kind: ActivationKind = ActivationKind.NONE
    slope: F32 = 0.01


@dataclass(eq=False)
class Affine:
    pass


@dataclass(eq=False)
class Softmax:
    axis: U32 = 1


@dataclass(eq=False)
class Flatten:
    pass


@dataclass(eq=False)
class Quantize:
    pass


@dataclass(eq=False)
class Dequantize:
    pass


@dataclass(eq=False)
class Multiply:
    pass


@dataclass(eq=False)
class LayerNorm:
    epsilon: F32 = 1e-5


@dataclass(eq=False)
class Slice:
    axis: U32 = 0
    begin: U32 = 0
    count: U32 = 1


@dataclass(eq=False)
class Attention:
    heads: U32 = 1
    scale: F32 = 1.0


@dataclass(eq=False)
class Recurrent:
    cell: CellKind = CellKind.RNN
    activation: ActivationKind = ActivationKind.TANH
    reset_after: Bool = False
    reverse: Bool = False
    last: Bool = False


OpParams = (
    Conv1d
    | Dense
    | Pool
    | AdaptivePool
    | GlobalPool
    | Add
    | Concat
    | Activation
    | Affine
    | Softmax
    | Flatten
    | Quantize
    | Dequantize
    | Multiply
    | LayerNorm
    | Slice
    | Attention
    | Recurrent
)


@dataclass(eq=False)
class Op:
    name: str
    params: OpParams
    inputs: VecI32
    outputs: VecI32


@dataclass(eq=False)
class Graph:
    tensors: list[Tensor] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    input: I32 = 0
    output: I32 = 0


@dataclass(eq=False)
class Buffer:
    data: Bytes = field(default_factory=_empty("u1"))


@dataclass(eq=False)
class Decision:
    output: ScoreKind = ScoreKind.LOGITS
    temperature: F32 = 1.0
    smoothing: F32 = 0.0
    abstain_below: F32 = 0.0
    majority: U32 = 0
    enter_above: F32 = 0.0
    exit_below: F32 = 0.0
    min_duration_ms: U32 = 0


@dataclass(eq=False)
class Gate:
    tolerance: VecF32 = field(default_factory=_empty("<f4"))
    still_below: VecF32 = field(default_factory=_empty("<f4"))
    most_skipped: U32 = 1
    confident: F32 = 0.9


@dataclass(eq=False)
class Golden:
    name: str = ""
    raw: VecF32 = field(default_factory=_empty("<f4"))
    signal: VecF32 = field(default_factory=_empty("<f4"))
    network: VecF32 = field(default_factory=_empty("<f4"))
    scores: VecF32 = field(default_factory=_empty("<f4"))
    label: I32 = -1
    tolerance_signal: F32 = 0.0
    tolerance_network: F32 = 0.0
    tolerance_scores: F32 = 0.0


@dataclass(eq=False)
class Checksum:
    STRUCT: ClassVar[str] = "<I"
    crc32: int = 0


@dataclass(eq=False)
class Model:
    format_version: Version = field(default_factory=lambda: Version(FORMAT_MAJOR, FORMAT_MINOR))
    required_features: list[str] = field(default_factory=list)
    name: str = ""
    model_version: str = ""
    card: Card | None = None
    signal: Signal = field(default_factory=Signal)
    graph: Graph | None = None
    buffers: list[Buffer] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    decision: Decision | None = None
    golden: list[Golden] = field(default_factory=list)
    checksum: Checksum = field(default_factory=Checksum)
    gate: Gate | None = None
    sha256: Digest = field(default_factory=_empty("u1"))
    signature: Digest = field(default_factory=_empty("u1"))
