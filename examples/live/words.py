"""What the page says in plain words."""

from __future__ import annotations

_REASONS: dict[str, str] = {}


def reason(name: str) -> str:
    """A sentence for one of the reasons of libhar's running check."""
    plain = name.replace("_", " ")
    return _REASONS.get(name, f"The signal is not what the model was trained on: {plain}.")


def refusal(sensor: str, status: str) -> str:
    """Why the stream refused a reading, from the name of its status."""
    if status == "HAR_ERR_TIME_BACKWARDS":
        return f"{sensor}: a reading is earlier than the one before it"
    return f"{sensor}: a reading was refused ({status})"
