"""The command line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from examples.live.sensor_server import address

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Options:
    """What the command line says; `phones` are names and addresses, `replays` names and files."""

    model: Path
    phones: tuple[tuple[str, str], ...]
    replays: tuple[tuple[str, Path], ...]
    speed: float
    source: str
    record: Path | None
    host: str
    port: int
    tls: tuple[Path, Path | None] | None


def parse(words: list[str] | None = None) -> Options:
    """Ends the program with a message where the command line is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.live",
        description="Shows live what people who carry phones are doing. Without --phone and"
        " --replay it waits for browsers that open the page on a phone.",
    )
    add = parser.add_argument
    add("--model", type=Path, default=ROOT / "models" / "hapt_gru.har", help="default: hapt_gru")
    add(
        "--phone",
        action="append",
        default=[],
        type=_phone,
        metavar="NAME=ws://HOST:PORT",
        help="a phone with the app SensorServer; may be given several times",
    )
    add(
        "--replay",
        action="append",
        default=[],
        type=_replay,
        metavar="[NAME=]RECORDING",
        help="a CSV of docs/csv-format.md as if it came from a phone",
    )
    add("--speed", type=_speed, default=1.0, help="how much faster to replay (default: 1)")
    add("--source", default="android_sensor", help="preset of the phones (default: %(default)s)")
    add("--record", type=Path, metavar="FILE", help="write the session; must not exist yet")
    add("--host", default="127.0.0.1", help="0.0.0.0 lets other devices open the page")
    add("--port", type=int, default=8000)
    add("--tls-cert", type=Path, metavar="PEM", help="serve https, which sensors of browsers need")
    add(
        "--tls-key", type=Path, metavar="PEM", help="where the key is not in the certificate's file"
    )
    found = parser.parse_args(words)
    if found.tls_key is not None and found.tls_cert is None:
        parser.error("--tls-key needs --tls-cert")
    names = [name for name, _ in (*found.phone, *found.replay)]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        parser.error(f"two phones are named {twice[0]!r}; --replay NAME=RECORDING names them")
    return Options(
        model=found.model,
        phones=tuple(found.phone),
        replays=tuple(found.replay),
        speed=found.speed,
        source=found.source,
        record=found.record,
        host=found.host,
        port=found.port,
        tls=None if found.tls_cert is None else (found.tls_cert, found.tls_key),
    )


def _phone(text: str) -> tuple[str, str]:
    name, equals, server = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=ws://HOST:PORT")
    try:
        address(server, ("accelerometer",))
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None
    return name, server


def _replay(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    return (name, Path(path)) if equals and name else (Path(text).stem, Path(text))


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.01 <= speed <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0.01 to 1000")
    return speed
