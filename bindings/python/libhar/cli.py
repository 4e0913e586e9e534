"""The command `libhar`: makes model files, measures, draws, explains, labels, signs, examines."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from libhar import card, datasets, files, flat, trust
from libhar.arrays import Npz
from libhar.calibrate import command as calibrate
from libhar.channels import command as channels
from libhar.cohort import command as cohort
from libhar.doctor import command as doctor
from libhar.errors import HarError, of_file
from libhar.evaluate import evaluate, labelled_windows
from libhar.model import Model
from libhar.plot.command import add_plot
from libhar.progress import tell
from libhar.saliency import command as saliency

DESCRIPTION = "Makes and measures model files of libhar, and labels recordings with them."
INTERRUPTED = 128 + 2
"""The exit status of shells for a process that SIGINT ended."""
EXTRAS = {
    "convert": ("onnx", "onnxruntime", "scipy"),
    "cohort": ("pyarrow",),
    "dask": ("distributed",),
}
"""The modules that the package does without, by the extra that brings them."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status: 0 done, 1 failed, with one line that says why, 130
    interrupted. Where nobody reads what is printed, as in `| head`, it ends without a word."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print(f"libhar {options.command}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # no complaint at the end
        return 1
    except (OSError, ValueError, HarError, ImportError) as error:
        print(f"libhar {options.command}: {error}{_advice(error)}", file=sys.stderr)
        return 1
    return 0


def _advice(error: Exception) -> str:
    """The extra that brings a module which is not there."""
    module = error.name.split(".")[0] if isinstance(error, ImportError) and error.name else ""
    extra = next((extra for extra, brings in EXTRAS.items() if module in brings), None)
    return f": install the extra, pip install 'libhar[{extra}]'" if extra else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="libhar", description=DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True)
    _add_convert(commands)
    _add_quantize(commands)
    _add_contract(commands)
    calibrate.add_to(commands)
    cohort.add_to(commands)
    doctor.add_to(commands)
    _add_eval(commands)
    _add_card(commands)
    add_plot(commands)
    saliency.add_to(commands)
    channels.add_to(commands)
    seal = commands.add_parser("seal", help="align, digest and checksum a file that a tool wrote")
    seal.add_argument("model", type=Path, help="the file; it is replaced")
    seal.set_defaults(run=_seal)
    _add_sign(commands)
    return parser


def _add_convert(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    convert = commands.add_parser("convert", help="an ONNX network and a spec to a model file")
    convert.add_argument(
        "network", type=Path, nargs="?", help="ONNX file; left out for a file of signal steps alone"
    )
    convert.add_argument("--spec", type=Path, required=True, help="TOML file, see docs/convert.md")
    convert.add_argument("--golden", type=Path, help=".npz of raw recordings [rows, channels]")
    convert.add_argument("-o", "--output", type=Path, required=True, help="the .har file")
    convert.set_defaults(run=_convert)


def _add_quantize(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    quantize = commands.add_parser("quantize", help="an FP32 model to INT8")
    quantize.add_argument("model", type=Path, help="the FP32 .har file")
    quantize.add_argument(
        "--data",
        type=Path,
        required=True,
        help=".npz for calibration: `windows` [n, window, columns] after the signal steps, or raw "
        "recordings [rows, channels] under any other names",
    )
    quantize.add_argument("--percentile", type=float, default=99.9, help="of ranges, default 99.9")
    quantize.add_argument(
        "--max-drop",
        type=float,
        help="write no file that is worse than FP32 by more than this: in accuracy on the windows "
        "of --check, else in the share of calibration windows that keep their label",
    )
    quantize.add_argument(
        "--check",
        type=Path,
        help=".npz of `windows` [n, window, columns] and `labels` [n], numbers from 0 or names of "
        "classes, that calibration did not see",
    )
    quantize.add_argument(
        "--keep-float", nargs="+", default=[], metavar="LAYER", help="layers that stay FP32"
    )
    quantize.add_argument(
        "--mixed",
        action="store_true",
        help="keep layers in FP32, those that hurt most first, until --max-drop is met",
    )
    quantize.add_argument("--report", type=Path, help="write the error of every layer as JSON")
    quantize.add_argument("-o", "--output", type=Path, required=True, help="the INT8 .har file")
    quantize.set_defaults(run=_quantize)


def _add_contract(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    contract = commands.add_parser(
        "contract", help="write into a model what the raw signal of its training people looked like"
    )
    contract.add_argument("model", type=Path)
    contract.add_argument(
        "--data",
        choices=datasets.SETS,
        required=True,
        help="raw recordings with the model's channels; of uci_har models: hapt",
    )
    contract.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    contract.add_argument(
        "--units",
        type=int,
        default=24,
        help="of the network for axes, 1 to 256, 65 bytes each; default 24",
    )
    contract.add_argument("-o", "--output", type=Path, required=True, help="the .har file")
    contract.set_defaults(run=_contract)


def _add_eval(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    evaluation = commands.add_parser("eval", help="accuracy and F1, counted by the C library")
    evaluation.add_argument("model", type=Path)
    evaluation.add_argument("--data", choices=["uci_har", *datasets.SETS], required=True)
    evaluation.add_argument("--split", choices=datasets.SPLITS, default="test")
    evaluation.add_argument(
        "--source",
        choices=["windows", "raw"],
        help="of uci_har: the published windows (default), or raw recordings through the model's "
        "own signal steps; the other sets are raw recordings",
    )
    evaluation.add_argument("--data-dir", type=Path, help="default: $HAR_DATA_DIR")
    evaluation.add_argument("--json", action="store_true")
    evaluation.set_defaults(run=_eval)


def _add_card(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    shown = commands.add_parser("card", help="what a model is, how good, and on whom")
    shown.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    form = shown.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="for a page")
    form.add_argument("--json", action="store_true", help="one object a line")
    shown.set_defaults(run=_card)


def _add_sign(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sign = commands.add_parser("sign", help="sign a model with an Ed25519 key")
    sign.add_argument("model", type=Path, help="the file; it is replaced unless -o says otherwise")
    sign.add_argument("--key", type=Path, required=True, help="private key, PEM")
    sign.add_argument("-o", "--output", type=Path)
    sign.set_defaults(run=_sign)
    verify = commands.add_parser("verify", help="check the digest of a model, and who signed it")
    verify.add_argument("model", type=Path)
    verify.add_argument("--key", type=Path, help="public key, PEM: the file must be signed by it")
    verify.set_defaults(run=_verify)


def _convert(options: argparse.Namespace) -> None:
    from libhar.convert import convert

    model = convert(options.spec, options.network, options.golden)
    flat.save(model, options.output)
    print(f"{options.output}: {options.output.stat().st_size} bytes")


def _quantize(options: argparse.Namespace) -> None:
    from libhar.quantize import Accuracy, quantize, table

    model = flat.load(options.model)
    with of_file(options.model):
        card.check_claims(model.card)
    opened = Model(options.model)
    windows = calibration_windows(options.data, opened)
    checked, labels = _check_windows(options.check, opened) if options.check else (None, None)
    if options.max_drop is None and (options.mixed or options.check):
        raise ValueError("--mixed and --check need --max-drop")
    accuracy = Accuracy(options.max_drop, checked, labels, options.keep_float, options.mixed, print)
    for place in filter(None, (options.report, options.output)):
        files.check_place(place)
    result, errors = quantize(model, windows, options.percentile, accuracy)
    if options.report:  # before the model: where it cannot be written, there is no model either
        files.write_json(options.report, [asdict(error) for error in errors], indent=2)
    flat.save(result, options.output)
    print(f"calibrated on {len(windows)} windows, percentile {options.percentile:g}\n")
    print(table(errors))
    print(f"\n{options.output}: {options.output.stat().st_size} bytes")


def _check_windows(path: Path, model: Model) -> tuple[np.ndarray, np.ndarray]:
    """The windows of --check and the numbers of their classes."""
    from libhar.quantize.gate import class_numbers

    stored = Npz(path)
    windows, labels = stored.numbers("windows", _window_shape(model)), stored.array("labels")
    return windows, class_numbers(labels, len(windows), model.labels, f"{path}: labels")


def calibration_windows(path: Path, model: Model) -> np.ndarray:
    """Windows [n, window, columns] of an .npz: as stored, or cut from raw recordings."""
    stored = Npz(path)
    if "windows" in stored.names:
        return stored.numbers("windows", _window_shape(model))
    rows = ("rows", len(model.channels))
    signals = [model.preprocess(stored.numbers(name, rows)) for name in stored.names]
    window, hop = model.info.window, model.info.hop
    cut = [s[at : at + window] for s in signals for at in range(0, len(s) - window + 1, hop)]
    if not cut:
        raise ValueError(f"{path} holds no recording of {window} samples or more")
    return np.stack(cut)


def _window_shape(model: Model) -> tuple[str, int, int]:
    """Of windows after the signal steps."""
    return "windows", model.info.window, model.info.signal_channel_count


def _contract(options: argparse.Namespace) -> None:
    from libhar.contract import check_units, contract

    check_units(options.units)
    model = flat.load(options.model)
    names = [channel.name for channel in model.signal.channels]
    folder = datasets.data_folder(options.data_dir)
    people = datasets.SETS[options.data].recordings(folder, "train", names)
    model.signal.contracts = contract(
        model.signal, [(r.person, r.worn) for r in people], options.units, tell
    )
    flat.save(model, options.output)
    for found in model.signal.contracts:
        channels = [*found.acceleration.tolist(), *found.rotation.tolist()]
        print(f"{options.output}: channels {channels} from {len(people)} recordings")


def _eval(options: argparse.Namespace) -> None:
    if options.data in datasets.SETS and options.source == "windows":
        raise ValueError(f"--source windows is of uci_har, {options.data} has raw recordings")
    source = options.source or ("raw" if options.data in datasets.SETS else "windows")
    model = Model(options.model)
    folder = datasets.data_folder(options.data_dir)
    windows = labelled_windows(model, options.data, folder, options.split, source)
    result = evaluate(model, windows)
    if options.json:
        about = {"model": model.name, "data": options.data, "split": options.split}
        print(json.dumps({**about, "source": source, **result.as_dict()}))
    else:
        print(f"{model.name} on {options.data}, {options.split} people\n\n{result.as_text()}")


def _card(options: argparse.Namespace) -> None:
    form = card.as_markdown if options.markdown else card.as_text
    for number, path in enumerate(options.models):
        shown = card.card_of(Model(path))
        if options.json:
            print(json.dumps(asdict(shown)))
        else:
            print(("\n" if number else "") + form(shown))


def _sign(options: argparse.Namespace) -> None:
    digest = trust.sign(options.model, options.key, options.output)
    print(f"{options.output or options.model}: signed, sha256 {digest}")


def _verify(options: argparse.Namespace) -> None:
    found = trust.verify(options.model, options.key)
    by = f"signed by {options.key}" if found.is_checked else "its signature was not checked"
    print(f"{options.model}: sha256 {found.sha256}, {by if found.has_signature else 'not signed'}")


def _seal(options: argparse.Namespace) -> None:
    model = flat.load(options.model)
    was_signed = len(model.signature) > 0
    with of_file(options.model):
        card.check_claims(model.card)
    flat.save(model, options.model)
    print(f"{options.model}: sealed{', its signature is gone' if was_signed else ''}")
