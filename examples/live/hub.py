"""All phones and all pages: what comes from a phone goes to every page."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from itertools import chain, count
from pathlib import Path
from typing import Literal

import libhar

from examples.live import messages
from examples.live.phone import Phone, State
from examples.live.readings import Reading, Refused
from examples.live.record import Recorder, path_for
from examples.live.session import Label, Session

log = logging.getLogger("live")

SIGNAL_S = 0.1
STATE_S = 0.5
PAGE_QUEUE = 4096
MOST_PHONES = 32


class TooMany(Exception):
    """There are as many phones as the hub takes."""


class Page:
    """One page that is open. `closed` once it fell so far behind that it must begin again."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[str | None] = asyncio.Queue(PAGE_QUEUE)

    def tell(self, text: str | None) -> None:
        """Queues a message, None for the end; a page that does not keep up is ended."""
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)


class Hub:
    """Makes phones and passes on what they send. All calls come from one event loop."""

    def __init__(self, model_path: Path, record: Path | None) -> None:
        self.model = libhar.Model(model_path)
        self.phones: dict[str, Phone] = {}
        self.pages: set[Page] = set()
        self._names: set[str] = set()
        self._model_path = model_path
        self._record = record

    def add(
        self, phone_id: str, name: str, by: Literal["app", "browser", "recording"], preset: str
    ) -> Phone:
        """A new phone whose readings are of `preset`. Raises TooMany, OSError, HarError."""
        if len(self.phones) >= MOST_PHONES:
            self._make_room()
        name = self._unused(name)
        source = libhar.Source.preset(preset)
        session = Session(self.model, source, name, self._recorder(name, preset))
        units = {sensor.kind: sensor.unit for sensor in source.sensors}
        phone = Phone(phone_id, name, by, session, units)
        self.phones[phone_id] = phone
        self.tell(messages.phone_state(phone))
        return phone

    def _make_room(self) -> None:
        """Forgets the first browser that has gone. Raises TooMany where all are there."""
        for phone in self.phones.values():
            if phone.by == "browser" and phone.state == "broken":
                self.end(phone, "")
                del self.phones[phone.id]
                self.tell({"type": "gone", "id": phone.id})
                return
        raise TooMany(f"there are {MOST_PHONES} phones already")

    def _unused(self, name: str) -> str:
        """`name`, or with a number where another phone had it; recordings are named by it."""
        numbered = (f"{name} {number}" for number in count(2))
        found = next(free for free in chain([name], numbered) if free not in self._names)
        self._names.add(found)
        return found

    def take(self, phone: Phone, readings: Iterable[Reading | Refused]) -> None:
        """Feeds what a phone sent and tells the pages of every label."""
        for reading in readings:
            if isinstance(reading, Refused):
                phone.session.refuse(reading)
                continue
            placed, labels = phone.session.take(reading)
            if placed is not None:
                phone.unsent.append(placed)
            self._tell_labels(phone, labels)

    def set_state(self, phone: Phone, state: State, text: str = "") -> None:
        """How the connection of a phone is now."""
        if (state, text) != (phone.state, phone.text):
            log.info("%s: %s%s", phone.name, state, f", {text}" if text else "")
        phone.state, phone.text = state, text
        self.tell(messages.phone_state(phone))

    def end(self, phone: Phone, why: str) -> None:
        """The phone sends no more: its last labels, and its recording is complete."""
        self._tell_labels(phone, phone.session.end())
        self._tell_signal(phone)
        self.set_state(phone, "finished", why)

    def close(self) -> None:
        """Ends every session and then every page."""
        for phone in self.phones.values():
            if phone.state != "finished":
                self.end(phone, "the server was stopped")
        for page in self.pages:
            page.tell(None)

    def open_page(self) -> Page:
        """A page that is told everything so far, and then what is new."""
        page = Page()
        page.tell(json.dumps(messages.hello(self.model, list(self.phones.values()))))
        for phone in self.phones.values():
            self._tell_signal(phone)
            page.tell(json.dumps(messages.signal(phone, list(phone.recent))))
        self.pages.add(page)
        return page

    def tell(self, message: messages.Message) -> None:
        """Sends a message to every page."""
        text = json.dumps(message)
        for page in self.pages:
            page.tell(text)

    async def report(self) -> None:
        """Tells the pages of the signal and the counters, at a steady pace, until cancelled."""
        told: dict[str, messages.Message] = {}
        well = "the signal is as the model expects"
        for turn in count(1):
            await asyncio.sleep(SIGNAL_S)
            for phone in self.phones.values():
                self._tell_signal(phone)
                if turn % round(STATE_S / SIGNAL_S) == 0:
                    phone.session.save()
                    state = messages.phone_state(phone)
                    if told.get(phone.id, {"reasons": []})["reasons"] != state["reasons"]:
                        log.warning("%s: %s", phone.name, " ".join(state["reasons"]) or well)
                    if told.get(phone.id) != state:
                        told[phone.id] = state
                        self.tell(state)

    def _tell_labels(self, phone: Phone, labels: Iterable[Label]) -> None:
        for label in labels:
            self.tell(messages.new_label(phone, label))

    def _tell_signal(self, phone: Phone) -> None:
        if phone.unsent:
            self.tell(messages.signal(phone, phone.unsent))
            phone.recent.extend(phone.unsent)
            phone.unsent.clear()

    def _recorder(self, name: str, preset: str) -> Recorder | None:
        if self._record is None:
            return None
        path = path_for(self._record, name, first=len(self._names) == 1)
        about = f"'{name}', for: har run --source {preset} {self._model_path} {path}"
        return Recorder(path, about)
