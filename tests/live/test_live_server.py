"""The server: who may connect, replays, what it does with a wrong command line."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from live_server import ROOT, LiveServer

from examples.live.__main__ import main
from examples.live.hub import MOST_PHONES

SIMULATED = ROOT / "examples" / "recordings" / "simulated.csv"
PATIENCE_S = 30.0


async def messages_until(socket: aiohttp.ClientWebSocketResponse, wanted: str) -> list[dict]:
    """What the server tells until a phone is in the state `wanted`."""
    found: list[dict] = []
    while True:
        found.append(await socket.receive_json(timeout=PATIENCE_S))
        states = [found[-1].get("state"), *(p["state"] for p in found[-1].get("phones", []))]
        if wanted in states:
            return found


def labels_in(messages: list[dict]) -> list[dict]:
    labels = [label for m in messages for p in m.get("phones", []) for label in p["labels"]]
    return labels + [m["label"] for m in messages if m["type"] == "label"]


def test_a_replay_and_a_page_that_comes_late(serve: LiveServer, tmp_path: Path) -> None:
    """The last window is whole with the last row: its label comes with the end alone."""
    windows = 20
    recording = tmp_path / "short.csv"
    lines = SIMULATED.read_text().splitlines()
    recording.write_text("\n".join(lines[: 2 + 128 + 64 * (windows - 1)]) + "\n")

    async def live() -> tuple[list[dict], list[dict]]:
        url = serve.start("--replay", recording, "--speed", "10").replace("http", "ws") + "live"
        async with aiohttp.ClientSession() as client:
            async with client.ws_connect(url) as socket:
                early = await messages_until(socket, "finished")
            async with client.ws_connect(url) as socket:
                return early, await messages_until(socket, "finished")

    early, late = asyncio.run(live())
    assert early[0]["model"]["name"] == "hapt_gru"
    assert len(late) == 1
    assert labels_in(early) == labels_in(late)
    assert [label["number"] for label in labels_in(late)] == list(range(windows))
    assert serve.end() == 0


def test_other_sites_may_not_connect(serve: LiveServer) -> None:
    async def statuses() -> list[int]:
        url = serve.start()
        found = []
        async with aiohttp.ClientSession() as client:
            for origin in ("http://evil.example", url.rstrip("/")):
                for path in ("live", "motion?id=12345678"):
                    headers = {"Origin": origin}
                    try:
                        async with client.ws_connect(url + path, headers=headers):
                            found.append(101)
                    except aiohttp.WSServerHandshakeError as problem:
                        found.append(problem.status)
            async with client.get(url) as answer:
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        return found

    assert asyncio.run(statuses()) == [403, 403, 101, 101]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate")
def test_https(serve: LiveServer, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=live", "-keyout", key, "-out", certificate]
    subprocess.run([*words.split(), *map(str, names)], check=True, capture_output=True)

    async def hello() -> dict:
        url = serve.start("--tls-cert", certificate, "--tls-key", key)
        assert url.startswith("https://")
        headers = {"Origin": url.rstrip("/")}
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(url + "live", ssl=False, headers=headers) as socket,
        ):
            return await socket.receive_json(timeout=PATIENCE_S)

    assert asyncio.run(hello())["type"] == "hello"


def test_a_browser_that_sends_again_is_not_counted_twice(serve: LiveServer) -> None:
    def batch(number: int) -> str:
        rows = [[20 * (10 * number + at), 0, 0, 9.8, 0, 0, 0] for at in range(10)]
        return json.dumps({"batch": number, "samples": rows})

    async def live() -> tuple[list[dict], dict]:
        url = serve.start()
        answers = []
        async with aiohttp.ClientSession() as client:
            motion = url + "motion?id=0123456789abcdef&name=me&preset=web_device_motion"
            for sent in ((0, 1), (1, 2), (2,)):
                async with client.ws_connect(motion) as socket:
                    for number in sent:
                        await socket.send_str(batch(number))
                        answers.append(await socket.receive_json(timeout=PATIENCE_S))
                    await socket.send_str("junk")
                    answers.append(await socket.receive_json(timeout=PATIENCE_S))
            async with client.ws_connect(url + "live") as socket:
                hello = await socket.receive_json(timeout=PATIENCE_S)
        return answers, hello["phones"][0]

    answers, phone = asyncio.run(live())
    assert [answer["taken"] for answer in answers] == [0, 1, 1, 1, 2, 2, 2, 2]
    assert (phone["name"], phone["taken"], phone["refused"]) == ("me", 2 * 30, 3)


def test_browsers_of_one_name_have_their_own_recordings(serve: LiveServer, tmp_path: Path) -> None:
    row = '{"batch": 0, "samples": [[1, 0, 0, 9.8, 0, 0, 0]]}'

    async def names() -> list[str]:
        url = serve.start("--record", tmp_path / "w.csv")
        async with aiohttp.ClientSession() as client:
            for number in range(MOST_PHONES + 3):
                query = f"id={number:08}&name=me&preset=web_device_motion"
                async with client.ws_connect(f"{url}motion?{query}") as socket:
                    await socket.send_str(row)
                    assert await socket.receive_json(timeout=PATIENCE_S) == {"taken": 0}
            async with client.ws_connect(url + "live") as socket:
                hello = await socket.receive_json(timeout=PATIENCE_S)
        return [phone["name"] for phone in hello["phones"]]

    last = MOST_PHONES + 3
    assert asyncio.run(names()) == [f"me {number}" for number in range(last - 31, last + 1)]
    assert serve.end() == 0
    assert len(list(tmp_path.glob("w*.csv"))) == last
    assert "1000000,gyroscope,0.0,0.0,0.0" in (tmp_path / f"w.me_{last}.csv").read_text()


def test_a_browser_that_is_refused_is_told_why(serve: LiveServer) -> None:
    async def answers(*queries: str) -> list[str]:
        url = serve.start()
        found = []
        async with aiohttp.ClientSession() as client:
            for query in queries:
                async with client.ws_connect(f"{url}motion?{query}") as socket:
                    found.append((await socket.receive_json(timeout=PATIENCE_S))["refused"])
        return found

    none, path, preset = asyncio.run(answers("", "id=../../../etc", "id=12345678&preset=none"))
    assert "no id of 8 to 64" in none
    assert "no id of 8 to 64" in path
    assert "'none' is not one of web_device_motion" in preset


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (["--phone", "10.0.0.7:8080"], 2, "is not of the form NAME=ws://HOST:PORT"),
        (["--phone", "a=http://10.0.0.7"], 2, "is not of the form ws://host:port"),
        (["--speed", "nan"], 2, "is not a number from 0.01 to 1000"),
        (["--tls-key", "k.pem"], 2, "--tls-key needs --tls-cert"),
        (["--phone", "a=ws://b:1", "--phone", "a=ws://c:1"], 2, "two phones are named 'a'"),
        (["--replay", "no-such.csv"], 1, "no-such.csv"),
        (["--model", "no-such.har"], 1, "no-such.har"),
        (["--phone", "a=ws://b:1", "--source", "none"], 1, "none"),
    ],
)
def test_a_wrong_command_line_says_why(
    words: list[str],
    status: int,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["live", "--port", "0", *words])
    try:
        found = main()
    except SystemExit as end:
        found = end.code
    text = capsys.readouterr().err
    assert (found, why in text) == (status, True), text


def test_a_recording_that_is_there_is_kept(tmp_path: Path, serve: LiveServer) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("mine")
    with pytest.raises(AssertionError, match=r"mine\.csv"):
        serve.start("--replay", SIMULATED, "--record", path)
    assert path.read_text() == "mine"
