"""Whether saliency maps of what ships can be believed, and what fewer channels cost.

    python -m training.results.saliency [--data-dir FOLDER]

Makes the map of one network of each recipe on training people, and its checks on test people, for
docs/results/saliency.json; `python -m training.results` puts them on the page, with the report of
`libhar select-channels` in docs/results/NAME_channels.json and that of
`training.opportunity_resnet.pairs`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from libhar import Model, datasets, flat
from libhar.evaluate import labelled_windows
from libhar.saliency import saliency
from libhar.saliency.checks import checks
from libhar.seeds import mean_and_interval

from training.results.command import told
from training.results.measure import file_of
from training.results.tables import interval, percent, table

NETWORKS = {
    "opportunity_resnet": "dsads",
    "mhealth_cnn_lstm_attention": "dsads",
    "uci_har_cnn": "uci_har",
    "hapt_gru": "hapt",
    "wisdm_teacher": "wisdm_watch",
}
"""One network of each way to learn, and the set it is measured on."""
MOST = 200
"""Windows of a class that a map is made of."""
CHECKED, CHANNELS, PAIRS = (
    "saliency.json",
    "opportunity_resnet_channels.json",
    "opportunity_resnet_pairs.json",
)
"""What the page reads, in docs/results/."""


def main() -> None:
    options = told(__doc__)
    folder = datasets.data_folder(options.data_dir)
    found = {name: _checked(options.root, name, data, folder) for name, data in NETWORKS.items()}
    path = options.root / "docs" / "results" / CHECKED
    path.write_text(json.dumps(found, indent=1) + "\n")
    print(f"{path}: {len(found)} networks")


def _checked(root: Path, name: str, data: str, folder: Path) -> dict[str, Any]:
    path = file_of(root, name, "fp32")
    model, described = Model(path), flat.load(path)
    train, test = (labelled_windows(model, data, folder, split) for split in datasets.SPLITS)
    made = saliency(model, described.signal, train, most=MOST)
    print(f"{name}: {len(made.columns)} columns", file=sys.stderr, flush=True)
    result = checks(model, described, made, train, test, MOST)
    ranking = [made.columns[i] for i in made.ranking]
    return {"data": data, "columns": len(ranking), "ranking": ranking, **result.as_dict()}


def believed(found: Mapping[str, Any]) -> str:
    """The table of saliency.json."""
    rows = []
    for name, one in found.items():
        gone, without = one["deletion"], one["deletion"]["without"]
        ranks = [alike["channels"] for alike in one["likeness_to_untrained"]]
        means = [np.mean([w[k] for w in without]) for k in ("most_salient", "random")]
        likely = interval(gone["gap_of_curve_interval_95"])
        rows.append(
            [
                f"`{name}`",
                one["data"],
                f"{', '.join(str(w['columns']) for w in without)} of {one['columns']}",
                percent(gone["accuracy"]),
                *(percent(float(mean)) for mean in means),
                f"**{percent(gone['gap_of_curve'])}** ({likely})",
                interval(gone["gap_of_curve_95_of_draws"]),
                f"{gone['draws_that_hurt_less']} of {gone['draws']}",
                f"{np.mean(ranks):.2f} ({min(ranks):.2f} to {max(ranks):.2f})",
            ]
        )
    columns = ["network", "data", "taken away", "nothing", "most salient", "random", "hurt more by"]
    return table([*columns, "of the draws", "hurt less", "untrained"], rows)


def fewer_channels(found: Mapping[str, Any]) -> str:
    """The table of a report of `libhar select-channels`."""
    columns = ["channels", "accuracy", "interval", "macro F1", "parameters"]
    rows = []
    for kind, one in found["choices"].items():
        count = len(one["channels"])
        rows.append(
            [
                f"all {count}" if kind == "all" else f"{kind} {count}",
                f"**{percent(one['accuracy']['mean'])}**",
                interval(one["accuracy"]["interval_95"]),
                percent(one["macro_f1"]["mean"]),
                f"{one['parameters']:,}",
                f"{one['macs']:,}",
                " ".join(percent(seed["accuracy"]) for seed in one["seeds"]),
            ]
        )
    lines = [table([*columns, "multiply-accumulates", "each seed"], rows), ""]
    for pair, one in found["differences"].items():
        first, second = pair.split(" - ")
        lines.append(
            f"{first.capitalize()} minus {second}: {percent(one['mean'])} points "
            f"({interval(one['interval_95'])})."
        )
    for kind in ("top", "bottom"):
        chosen = set(found["choices"][kind]["channels"])
        names = ", ".join(name for name in found["ranking"] if name in chosen)
        lines += ["", f"{kind.capitalize()}, by rank: {names}."]
    return "\n".join(lines)


def every_pair(channels: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> str:
    """The table of all pairs of people tested on in turn: CHANNELS, of the test people, and PAIRS.
    Beside the means Student's 95 % interval over the pairs."""
    tested = {" ".join(map(str, one["people"])): one for one in others}
    tested["4 8, the test people"] = channels
    rows, gaps = [], []
    for people, one in sorted(tested.items()):
        found = [one["choices"][kind]["accuracy"]["mean"] for kind in ("all", "top", "bottom")]
        gaps.append([one["differences"][pair]["mean"] for pair in ("all - top", "top - bottom")])
        rows.append([people, *map(percent, [*found, *gaps[-1]])])
    means, ends = zip(*map(mean_and_interval, zip(*gaps, strict=True)), strict=True)
    wide = [f"**{percent(m)}** ({interval(e)})" for m, e in zip(means, ends, strict=True)]
    rows.append(["mean of the pairs", "", "", "", *wide])
    columns = ["people tested on", "all 45", "top 20", "bottom 20", "all minus top"]
    return table([*columns, "top minus bottom"], rows)


if __name__ == "__main__":
    main()
