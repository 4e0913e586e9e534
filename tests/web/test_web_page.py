"""The page of examples/web in headless Chromium, beside `har run`."""

from __future__ import annotations

import asyncio
import csv
import json
import subprocess
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from browser import Browser, Page
from live_server import ROOT
from page_server import Server

MODEL = ROOT / "models" / "uci_har_student_int8.har"
AXES = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")
STANDARD_GRAVITY = 9.80665
FIRST_MS, STEP_MS = 1000, 20
PHONE = (390, 844)
ROWS = 3000

Label = tuple[str, float, int]
"""Name, confidence, end of the window in nanoseconds."""


def readings(sign: int) -> np.ndarray:
    """The simulated recording as a browser gives it: [rows, 6] in m/s^2 and degrees a second."""
    text = (ROOT / "examples" / "recordings" / "simulated.csv").read_text().splitlines()
    table = csv.DictReader(line for line in text if not line.startswith("#"))
    rows = np.array([[float(row[axis]) for axis in AXES] for row in table])[:ROWS]
    rows[:, :3] *= sign * STANDARD_GRAVITY
    rows[:, 3:] *= 180 / np.pi
    return rows.astype(np.float32)


def har_labels(program: Path, rows: np.ndarray, preset: str, path: Path) -> list[Label]:
    lines = ["t_ns,sensor,x,y,z"]
    for number, row in enumerate(rows):
        time_ns = (FIRST_MS + STEP_MS * number) * 1_000_000
        for sensor, values in (("accelerometer", row[:3]), ("gyroscope", row[3:])):
            lines.append(f"{time_ns},{sensor}," + ",".join(str(value) for value in values))
    path.write_text("\n".join(lines) + "\n")
    command = [program, "run", MODEL, path, "--source", preset, "--json"]
    shown = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout
    events = [json.loads(line) for line in shown.splitlines()]
    return [(e["name"], float(np.float32(e["confidence"])), e["t_end_ns"]) for e in events]


async def move(page: Page, rows: np.ndarray) -> None:
    """Dispatches the motion of a phone, times included."""
    await page.run(
        """(() => {
        for (const [at, [x, y, z, alpha, beta, gamma]] of ROWS.entries()) {
            const event = new DeviceMotionEvent("devicemotion", {
                accelerationIncludingGravity: { x, y, z },
                rotationRate: { alpha, beta, gamma },
                interval: STEP });
            Object.defineProperty(event, "timeStamp", { value: FIRST + STEP * at });
            dispatchEvent(event);
        }
        return true;
        })()""".replace("ROWS", json.dumps(rows.astype(float).tolist()))
        .replace("STEP", str(STEP_MS))
        .replace("FIRST", str(FIRST_MS))
    )


async def start(page: Page, preset: str) -> None:
    await page.until("!document.querySelector('#start').disabled")
    await page.run(f"document.querySelector('#source').value = '{preset}'")
    await page.run("document.querySelector('#start').click()")
    await page.until("document.querySelector('#form').hidden")


async def labels_of(page: Page) -> list[Label]:
    items = await page.run(
        "[...document.querySelectorAll('#history li')].map((item) => ({...item.dataset}))"
    )
    found = [(i["name"], float(i["confidence"]), int(i["end"])) for i in items]
    return list(reversed(found))


@pytest.mark.parametrize(
    ("preset", "sign"), [("web_device_motion", 1), ("web_device_motion_ios", -1)]
)
def test_labels_are_those_of_har_run(
    server: Server, browser: Browser, har_program: Path, tmp_path: Path, preset: str, sign: int
) -> None:
    rows = readings(sign)

    async def live() -> list[Label]:
        async with aiohttp.ClientSession() as client:
            page = await browser.open(client, server.url)
            await start(page, preset)
            await move(page, rows)
            assert page.errors == []
            return await labels_of(page)

    found = asyncio.run(live())
    assert found == har_labels(har_program, rows, preset, tmp_path / "motion.csv")
    assert len(found) > 40
    assert len({name for name, _, _ in found}) > 2


def test_the_page_works_without_a_network(
    server: Server, browser: Browser, har_program: Path, tmp_path: Path
) -> None:
    """Once visited it loads with no server behind it, and labels on."""
    rows = readings(1)[:1000]

    async def live() -> list[Label]:
        async with aiohttp.ClientSession() as client:
            page = await browser.open(client, server.url)
            await page.until("document.querySelector('#offline').textContent === 'works offline'")
            server.end()
            await page.call("Page.reload")
            await page.until("document.readyState === 'complete'")
            await start(page, "web_device_motion")
            await move(page, rows)
            return await labels_of(page)

    found = asyncio.run(live())
    assert found == har_labels(har_program, rows, "web_device_motion", tmp_path / "motion.csv")
    assert len(found) > 10


def test_the_page_on_a_phone(server: Server, browser: Browser, tmp_path: Path) -> None:
    """Everything fits in a phone's width; what is wrong with the signal is said."""
    rows = readings(-1)  # the sign that was not stated

    async def live() -> None:
        async with aiohttp.ClientSession() as client:
            page = await browser.open(client, server.url)
            for dark in (False, True):
                await page.screen(*PHONE, dark=dark)
                await page.picture(tmp_path / f"before-{dark}.png")
            await start(page, "web_device_motion")
            await move(page, rows)
            assert await page.run("document.documentElement.scrollWidth") <= PHONE[0]
            assert not await page.run("document.querySelector('#complaints').hidden")
            bars = await page.run(
                "[...document.querySelectorAll('#bars meter')].map((meter) => meter.value)"
            )
            assert len(bars) == 6
            assert sum(bars) == pytest.approx(1, abs=1e-3)
            for dark in (False, True):
                await page.screen(*PHONE, dark=dark)
                await page.picture(tmp_path / f"after-{dark}.png")

    asyncio.run(live())
    assert (tmp_path / "after-True.png").stat().st_size > 10_000


def test_what_is_missing_is_said(server: Server, browser: Browser) -> None:
    """No sensors: the page says so and stays as it is."""

    async def live() -> str:
        async with aiohttp.ClientSession() as client:
            page = await browser.open(client, server.url)
            await page.until("!document.querySelector('#start').disabled")
            await page.run("(delete window.DeviceMotionEvent, true)")
            await page.run("document.querySelector('#start').click()")
            await page.until("document.querySelector('#state').textContent !== 'Ready'")
            return str(await page.run("document.querySelector('#state').textContent"))

    assert asyncio.run(live()) == "This browser has no motion sensors."
