"""What the server tells the page, as JSON objects; page/live.js is the other side.

Times are seconds since the session's first reading; `end_ns`, on the phone's clock, is a text,
because it does not fit the numbers of JavaScript.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libhar

from examples.live.phone import Phone
from examples.live.readings import Reading
from examples.live.session import Label

Message = dict[str, Any]


def hello(model: libhar.Model, phones: Sequence[Phone]) -> Message:
    """All that a page must know which has just been opened."""
    info = model.info
    return {
        "type": "hello",
        "model": {
            "name": model.name,
            "version": model.texts["version"],
            "classes": list(model.labels),
            "placement": model.channels[0].placement,
            "rate_hz": info.rate_hz,
        },
        "phones": [phone_state(phone, history=True) for phone in phones],
    }


def phone_state(phone: Phone, *, history: bool = False) -> Message:
    """How a phone is; with `history`, its labels so far."""
    session = phone.session
    message: Message = {
        "type": "phone",
        "id": phone.id,
        "name": phone.name,
        "by": phone.by,
        "state": phone.state,
        "text": phone.text,
        "taken": session.taken,
        "refused": session.refused,
        "notices": [{"text": text, "count": count} for text, count in session.notices.items()],
        "reasons": list(session.reasons),
        "units": phone.units,
    }
    if history:
        message["labels"] = [label_of(phone, label) for label in session.labels]
    return message


def new_label(phone: Phone, label: Label) -> Message:
    """One label more."""
    return {"type": "label", "id": phone.id, "label": label_of(phone, label)}


def label_of(phone: Phone, label: Label) -> Message:
    event = label.event
    return {
        "number": label.number,
        "class": event.class_index,
        "name": event.name,
        "confidence": event.confidence,
        "scores": [float(score) for score in event.scores],
        "begin": phone.session.seconds(event.t_start_ns),
        "end": phone.session.seconds(event.t_end_ns),
        "end_ns": str(event.t_end_ns),
        "after_gap": bool(event.flags & libhar.AFTER_GAP),
    }


def signal(phone: Phone, readings: Sequence[Reading]) -> Message:
    """What came since the message before, for the curves."""
    return {
        "type": "signal",
        "id": phone.id,
        "readings": [
            [reading.sensor, phone.session.seconds(reading.time_ns), *reading.values]
            for reading in readings
        ],
    }
