"""The ctypes declarations against the compiler's view of the headers."""

from __future__ import annotations

import ctypes
import re
import subprocess
from pathlib import Path

import libhar
import pytest
from libhar import _capi

STRUCTS = {
    "har_error": _capi.Error,
    "har_allocator": _capi.Allocator,
    "har_model_config": _capi.ModelConfig,
    "har_stream_config": _capi.StreamConfig,
    "har_model_info": _capi.ModelInfo,
    "har_channel_info": _capi.ChannelInfo,
    "har_measurement": _capi.Measurement,
    "har_plan_step": _capi.PlanStep,
    "har_overlap_step": _capi.OverlapStep,
    "har_selftest": _capi.Selftest,
    "har_event": _capi.Event,
    "har_decision_config": _capi.DecisionConfig,
    "har_stream_counters": _capi.StreamCounters,
    "har_explainer_config": _capi.ExplainerConfig,
    "har_explainer_info": _capi.ExplainerInfo,
    "har_explain_options": _capi.ExplainOptions,
    "har_explanation": _capi.Explanation,
}


def test_structs_lie_as_the_compiler_lays_them(root: Path, tmp_path: Path) -> None:
    lines = []
    for c_name, struct in STRUCTS.items():
        lines.append(f'printf("{c_name} %zu\\n", sizeof({c_name}));')
        lines += [
            f'printf("{c_name}.{name} %zu\\n", offsetof({c_name}, {name}));'
            for name, *_ in struct._fields_
        ]
    source = "#include <har/har.h>\n#include <stdio.h>\n#include <stddef.h>\nint main(void) {\n"
    (tmp_path / "layout.c").write_text(source + "\n".join(lines) + "\nreturn 0; }\n")
    program = tmp_path / "layout"
    command = ["cc", f"-I{root / 'include'}", str(tmp_path / "layout.c"), "-o", str(program)]
    subprocess.run(command, check=True)
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    found = {name: int(value) for name, value in (line.split() for line in printed.splitlines())}
    for c_name, struct in STRUCTS.items():
        assert ctypes.sizeof(struct) == found.pop(c_name), c_name
        for name, *_ in struct._fields_:
            assert getattr(struct, name).offset == found.pop(f"{c_name}.{name}"), (c_name, name)
    assert not found


def test_every_public_function_is_declared(root: Path) -> None:
    headers = "".join(p.read_text() for p in (root / "include/har").glob("*.h"))
    declared = set(re.findall(r"HAR_API [^;(]*?\b(har_\w+)\(", headers))
    assert declared == set(_capi.FUNCTIONS)


def test_errors_carry_status_field_value_and_bound(tmp_path: Path) -> None:
    with pytest.raises(libhar.HarError) as caught:
        libhar.Model(tmp_path / "missing.har")
    assert caught.value.name == "HAR_ERR_FILE_OPEN"
    assert "missing.har" in str(caught.value)
    with pytest.raises(libhar.HarError) as caught:
        libhar.Model(b"short")
    assert (caught.value.name, caught.value.value, caught.value.bound) == (
        "HAR_ERR_FILE_TRUNCATED",
        5.0,
        16.0,
    )
