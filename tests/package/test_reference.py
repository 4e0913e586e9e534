"""The reference that script/reference made: every function, struct and constant has its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from command import ROOT

XML = ROOT / "build/reference/xml"
pytestmark = pytest.mark.skipif(not XML.is_dir(), reason="script/reference was not run")


def words(of: ElementTree.Element) -> str:
    """What the reference says about a thing, as plain text."""
    found = [of.find("briefdescription"), of.find("detaileddescription")]
    return " ".join("".join(part.itertext()) for part in found if part is not None).strip()


def compounds(kind: str) -> Iterator[ElementTree.Element]:
    for path in sorted(XML.glob("*.xml")):
        yield from ElementTree.parse(path).getroot().findall(f"compounddef[@kind='{kind}']")


def members(kind: str) -> dict[str | None, ElementTree.Element]:
    """Of the headers, by name; of enums without one, by their first value's."""
    found = {}
    for header in compounds("file"):
        for one in header.iter("memberdef"):
            if one.get("kind") == kind:
                name = one.findtext("name") or ""
                nameless = not name or name.startswith("@")
                found[one.findtext("enumvalue/name") if nameless else name] = one
    return found


def test_every_exported_function_is_explained() -> None:
    exported = re.findall(r"\bhar_\w+(?=;)", (ROOT / "lib/symbols.map").read_text())
    functions = members("function")
    assert exported
    for name in exported:
        assert "Since 0." in words(functions[name]), name


def test_every_struct_says_what_it_is() -> None:
    structs = {one.findtext("compoundname"): words(one) for one in compounds("struct")}
    assert "har_event" in structs
    assert [name for name, text in structs.items() if not text] == []


def test_every_constant_is_explained_by_itself_or_by_its_enum() -> None:
    enums = members("enum")
    silent = [
        value.findtext("name")
        for one in enums.values()
        if not words(one)
        for value in one.findall("enumvalue")
        if not words(value)
    ]
    assert "HAR_EVENT_UNKNOWN" in enums
    assert silent == []


def test_every_header_says_what_it_is() -> None:
    headers = {one.findtext("compoundname"): words(one) for one in compounds("file")}
    headers.pop("main.md")
    public = {path.name for path in (ROOT / "include/har").glob("*.h")}
    assert set(headers) == public | {"har_flight.h", "har.hpp"}
    assert [name for name, text in headers.items() if not text] == []


def test_examples_are_code() -> None:
    stream = next(one for one in compounds("file") if one.findtext("compoundname") == "stream.h")
    code = ["".join(block.itertext()) for block in stream.iter("verbatim")]
    code += ["".join(block.itertext()) for block in stream.iter("programlisting")]
    assert any("har_stream_create" in block.replace("\xa0", " ") for block in code)
