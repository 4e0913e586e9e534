"""docs/results.md from the figures."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.results import saliency, streams_page
from training.results.events import Streamed
from training.results.forms import distillation
from training.results.frameworks import Agreement
from training.results.measure import KINDS, Shipped
from training.results.tables import interval, percent, table

PAPERS = {
    "uci_har_cnn": "95.9 %, INT8 95.8 %, 2.2 MB",
    "uci_har_student": "88.9 %, 0.66 MB, INT8 0.17 MB",
    "uci_har_student_paper": "88.9 %, 0.66 MB, INT8 0.17 MB",
    "mhealth_cnn_lstm_attention": "99.6 % (random split, MHEALTH)",
    "mhealth_cnn_lstm_attention_arm": "90 % (random split, MHEALTH)",
    "mhealth_cnn_lstm_attention_leg": "75 % (random split, MHEALTH, ankle)",
    "hapt_rnn": "94.5 % (random split after oversampling)",
    "hapt_lstm": "98.4 % (random split after oversampling)",
    "hapt_gru": "98.5 % (random split after oversampling)",
    "opportunity_resnet": "F1 89.2 % (OPPORTUNITY)",
    "wisdm_rab_kd": "F1 up to 82 % (random split)",
}
"""What the papers state of their network, on their data."""

QUANTIZED = "quantized"
"""What a record calls an INT8 network that was quantized at once."""


def page(
    networks: list[Shipped],
    imported: list[Agreement],
    streamed: Sequence[Streamed] = (),
    maps: Mapping[str, Any] | None = None,
    channels: Mapping[str, Any] | None = None,
    pairs: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The page: page.md with the tables put in. `imported` are networks that do not ship;
    `maps`, `channels` and `pairs` are CHECKED, CHANNELS and PAIRS of
    `training.results.saliency`."""
    template = string.Template(Path(__file__).with_name("page.md").read_text())
    return template.substitute(
        accuracy=_accuracy(networks),
        tested="; ".join(
            sorted({f"{n.recorded['data']}: {n.recorded['split']}" for n in networks})
        ),
        made_otherwise=_made_otherwise(networks),
        distillation=distillation(networks),
        base=networks[0].name,
        costs=_costs(networks),
        agreement=_agreement([*(n.agreement for n in networks), *imported]),
        confidence=streams_page.confidence(streamed),
        bins=streams_page.bins(streamed),
        decisions=streams_page.decisions(streamed),
        gates=streams_page.gates(streamed),
        channels=saliency.fewer_channels(channels) if channels else "",
        pairs=saliency.every_pair(channels, pairs) if channels else "",
        maps=saliency.believed(maps) if maps else "",
        networks="\n\n".join(_network(network) for network in networks),
    )


def _accuracy(networks: list[Shipped]) -> str:
    columns = ["network", "data", "precision", "seed 0 (ships)", "mean of seeds", "interval"]
    rows = []
    for network in networks:
        for kind in KINDS:
            mean = network.recorded["mean_of_seeds"][kind]
            rows.append(
                [
                    f"`{network.name}`",
                    network.recorded["data"],
                    kind.upper(),
                    percent(network.evaluations[kind].accuracy),
                    f"**{percent(mean['accuracy'])}**",
                    interval(mean["accuracy_interval_95"]),
                    percent(mean["macro_f1"]),
                    _random_split(network.recorded, kind),
                    PAPERS.get(network.name, "-") if kind == "fp32" else "",
                ]
            )
    return table([*columns, "macro F1", "random split", "the paper"], rows)


def _random_split(recorded: dict[str, Any], kind: str) -> str:
    if "random_split" not in recorded:
        return "-"
    return percent(recorded["random_split"][kind][0]["accuracy"])


def _made_otherwise(networks: list[Shipped]) -> str:
    """The networks that lost too much on training people to be quantized at once."""
    made = {n.name: n.recorded.get("quantization", {}).get("made_by") for n in networks}
    names = [f"`{name}` by {way}" for name, way in made.items() if way not in (None, QUANTIZED)]
    return ", ".join(names) or "nowhere"


def _costs(networks: list[Shipped]) -> str:
    base = networks[0].costs["fp32"].window_us
    columns = ["network", "precision", "parameters", "multiply-accumulates", "file", "model"]
    rows = []
    for network in networks:
        for kind in KINDS:
            cost = network.costs[kind]
            gain = network.costs["fp32"].window_us / cost.window_us
            counts = [cost.parameters, cost.macs, cost.file_bytes, cost.model_bytes]
            rows.append(
                [
                    f"`{network.name}`",
                    kind.upper(),
                    *(f"{count:,}" for count in [*counts, cost.stream_bytes]),
                    f"{cost.window_us / base:.3f}",
                    f"{gain:.2f}" if kind == "int8" else "",
                ]
            )
    return table([*columns, "stream", "time", "FP32's time over INT8's"], rows)


def _agreement(found: list[Agreement]) -> str:
    columns = ["network", "framework", "windows", "largest difference"]
    rows = [
        [
            f"`{a.network}`",
            a.framework,
            f"{a.windows:,}",
            f"{a.largest:.1e}",
            percent(a.framework_accuracy),
            percent(a.accuracy),
        ]
        for a in found
    ]
    return table([*columns, "accuracy, framework", "accuracy, C library"], rows)


def _network(network: Shipped) -> str:
    names = network.evaluations["fp32"].names
    rows = [
        [kind.upper(), *(percent(float(f)) for f in network.evaluations[kind].f1)] for kind in KINDS
    ]
    picture = f"![Confusion matrices of {network.name}](results/{network.name}.png)"
    scores = table(["F1 of the seed that ships", *(n.lower() for n in names)], rows)
    return f"## {network.name}\n{picture}\n\n{scores}"
