"""A simulator of gait and posture: what a phone on the waist records, with the true labels.

It makes examples/recordings/simulated.csv, so that a clean clone has a recording to run. No
network is trained or judged on it.

A body is modelled, then the phone on it, then the phone's sensors:

1. posture.py   The direction of gravity in the phone's axes: still with sway, and turning from one
                posture to the next along a minimum-jerk path, with the angular rate that belongs to
                that turn and the vertical acceleration of the waist.
2. gait.py      Walking: harmonics of the stride (harmonics.py), cadence and vigour that wander, and
                a damped oscillation after every heel strike.
3. sensor.py    White noise and the steps of the converters.
4. scenario.py  Which activity follows which, put together.

Every amplitude is a figure measured on the raw recordings of the training people of HAPT, or is
cited beside its number; measure.py measures the harmonics again.
"""

RATE_HZ = 50.0
"""Samples in a second, as in HAPT."""
