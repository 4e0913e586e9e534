"""The whole of it: made-up phones, the served example, the real page in headless Chromium."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiohttp
from browser import Browser, Page
from fake_phone import FakePhone, message_of, phone_messages
from live_server import LiveServer
from recorded import ShownLabel, har_labels, simulated, walked

MODEL = Path(__file__).resolve().parents[2] / "models" / "hapt_gru.har"
PATIENCE_S = 40.0
HISTORY = "[...document.querySelectorAll('#history li')].map((item) => ({...item.dataset}))"


async def history(page: Page) -> list[ShownLabel]:
    """The labels on the page, the first first."""
    items = list(reversed(await page.run(HISTORY)))
    assert [int(item["number"]) for item in items] == list(range(len(items)))
    return [(item["name"], float(item["confidence"]), int(item["end"])) for item in items]


async def choose(page: Page, name: str) -> None:
    """Taps the tab of a phone."""
    tabs = "[...document.querySelectorAll('#phones button')]"
    tab = f"{tabs}.find((tab) => tab.textContent.includes('{name}'))"
    await page.until(tab)
    await page.run(f"{tab}.click()")
    await page.until(f"document.querySelector('#state-text').textContent.startsWith('{name} ')")


async def until_sent(client: aiohttp.ClientSession, url: str, wanted: dict[str, int]) -> None:
    """Waits until the server has taken or refused that many messages of each phone."""
    async with client.ws_connect(url.replace("http", "ws") + "live") as socket:
        open_phones = dict(wanted)
        while open_phones:
            message = await socket.receive_json(timeout=PATIENCE_S)
            phones = message.get("phones", [message] if message["type"] == "phone" else [])
            for phone in phones:
                if phone["taken"] + phone["refused"] == open_phones.get(phone["name"]):
                    del open_phones[phone["name"]]


def with_junk(messages: list[str]) -> list[str | bytes]:
    """Junk between what is good: 6 messages that are none."""
    junk = ["{", b"\0", message_of("gyroscope", 7, [1, 2]), "null", "x" * 9000, '{"values": 3}']
    found: list[str | bytes] = list(messages)
    for at, bad in enumerate(junk):
        found.insert(300 * (at + 1), bad)
    return found


def test_two_phones_live_on_the_page(
    serve: LiveServer, browser: Browser, har_program: Path, tmp_path: Path
) -> None:
    """Labels on the page are those of `har run` on the recorded sessions, to the bit."""
    first, second = (phone_messages(signal, seed) for seed, signal in enumerate(walked(2)))
    left = FakePhone(with_junk(first), drops=(len(first) // 3, len(first) // 2))
    right = FakePhone(second)
    record = tmp_path / "walk.csv"

    async def live() -> dict[str, list[ShownLabel]]:
        words = [f"--phone=left={await left.start()}", f"--phone=right={await right.start()}"]
        url = serve.start(*words, "--record", record)
        async with aiohttp.ClientSession() as client:
            page = await browser.open(client, url)
            await page.until("document.querySelector('#activity')?.textContent.length > 3")
            sizes = {"left": len(left.messages), "right": len(right.messages)}
            await until_sent(client, url, sizes)
            await choose(page, "left")
            await page.until("document.querySelectorAll('#curves canvas').length === 2")
            await check_left(page, len(first))
            assert serve.end() == 0  # the last labels come now
            found = {"left": await ended(page)}
            await choose(page, "right")
            found["right"] = await ended(page)
            assert page.errors == []
        await left.end()
        await right.end()
        return found

    shown = asyncio.run(live())
    assert len(left.connections) == 3
    assert all(request.startswith("/sensors/connect?types=") for request in left.connections)
    for name, path in (("left", record), ("right", tmp_path / "walk.right.csv")):
        assert shown[name] == har_labels(har_program, MODEL, path, "android_sensor")
        assert len(shown[name]) > 60
        assert len({label for label, _, _ in shown[name]}) > 2
    assert "Traceback" not in serve.log()


async def check_left(page: Page, taken: int) -> None:
    """What the page says of the phone that sent junk."""
    texts = "document.querySelector('#notices').innerText"
    await page.until(f"{texts}.includes('{taken} readings taken, 6 refused')")
    texts = await page.run(texts)
    assert "a message is not JSON: '{'" in texts
    bars = await page.run("document.querySelectorAll('#bars li').length")
    assert bars == 12
    painted = await page.run(
        "[...document.querySelectorAll('canvas')].map((canvas) => canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value))"
    )
    assert painted == [True, True, True]


async def ended(page: Page) -> list[ShownLabel]:
    """The labels once the page knows that the session has ended."""
    await page.until("document.querySelector('#now').dataset.state === 'finished'")
    return await history(page)


def test_a_browser_is_a_phone(serve: LiveServer, browser: Browser, tmp_path: Path) -> None:
    """DeviceMotion events become labels, a broken connection loses none, a complaint is shown."""
    record = tmp_path / "browser.csv"
    rows = [[*map(float, row)] for row in simulated()[:600]]
    turning = 400  # then there is no gyroscope any more
    motion = """new Promise(async (done) => {
        const sleep = (ms) => new Promise((go) => setTimeout(go, ms));
        const sockets = [];
        window.WebSocket = class extends WebSocket {
            constructor(url) { super(url); sockets.push(this); }
        };
        document.querySelector('#device-name').value = 'tester';
        document.querySelector('#device-start').click();
        await sleep(50);
        for (const [at, [ax, ay, az, gx, gy, gz]] of ROWS.entries()) {
            const rotationRate = at < TURNING && { alpha: gx * 180 / Math.PI,
                beta: gy * 180 / Math.PI, gamma: gz * 180 / Math.PI };
            const event = new DeviceMotionEvent('devicemotion', {
                accelerationIncludingGravity: { x: 9.80665 * ax, y: 9.80665 * ay, z: 9.80665 * az },
                ...(rotationRate && { rotationRate }),
                interval: 20 });
            Object.defineProperty(event, 'timeStamp', { value: 1000 + 20 * at });
            dispatchEvent(event);
            if (at % 20 === 0) await sleep(20);
            if (at === 200) sockets.at(-1).close();
        }
        done(true);
    })""".replace("ROWS", json.dumps(rows)).replace("TURNING", str(turning))

    async def live() -> tuple[str, str, list[ShownLabel]]:
        url = serve.start("--record", record)
        async with aiohttp.ClientSession() as client:
            page = await browser.open(client, url)
            await page.until("document.querySelector('#server').dataset.state === 'connected'")
            assert await page.run(motion)
            await page.until(
                "/Sending; [1-9]/.test(document.querySelector('#device-text').textContent)"
            )
            await until_sent(client, url, {"tester": len(rows) + turning})
            await page.until("!document.querySelector('#complaints').hidden")
            complaint = await page.run("document.querySelector('#complaints ul').innerText")
            state = await page.run("document.querySelector('#state-text').textContent")
            assert serve.end() == 0
            labels = await ended(page)
            assert page.errors == []
            return state, complaint, labels

    state, complaint, labels = asyncio.run(live())
    assert "A sensor has stopped." in complaint
    assert "tester: A sensor has stopped." in serve.log()
    assert state.startswith("tester · browser · connected")
    assert len(labels) == 1 + (turning - 128) // 64
    sent = [line.split(",") for line in record.read_text().splitlines() if line[0].isdigit()]
    assert [row[1] for row in sent].count("accelerometer") == len(rows)
    assert [row[1] for row in sent].count("gyroscope") == turning
