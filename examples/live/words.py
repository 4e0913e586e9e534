"""What the page says in plain words."""

from __future__ import annotations

from libhar import HarError

_REASONS = {
    "unit": "The values are far too large or too small: is the unit the one that was stated?",
    "rate": "The readings do not come at the stated rate, or too slowly for the model.",
    "clipping": "A sensor is at the end of its range: strong movements are cut off.",
    "stuck_axis": "One axis of a sensor does not change.",
    "gravity_direction": "The phone is held as it never was in training:"
    " check where and which way round it is worn.",
    "rotation": "Acceleration and rotation contradict each other:"
    " is an axis swapped or has it the opposite sign?",
    "gravity": "Gravity is missing: is this the accelerometer with gravity in it?",
    "sensor_silent": "A sensor has stopped.",
}


def reason(name: str) -> str:
    """A sentence for one of the reasons of libhar's running check."""
    plain = name.replace("_", " ")
    return _REASONS.get(name, f"The signal is not what the model was trained on: {plain}.")


def refusal(sensor: str, problem: HarError) -> str:
    """Why a reading did not get into the stream."""
    if problem.name == "HAR_ERR_TIME_BACKWARDS":
        return f"{sensor}: a reading is earlier than the one before it"
    return f"{sensor}: a reading was refused ({problem.name})"
