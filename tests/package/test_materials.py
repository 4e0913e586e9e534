"""The bill of materials: valid SPDX 2.3, and true of what is packed."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from command import run
from libhar import flat
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

# What a model's card says it was trained on, to the package of the bill.
DATA = {
    "UCI HAR": "SPDXRef-UCI-HAR",
    "HAPT": "SPDXRef-HAPT",
    "Daily and Sports Activities": "SPDXRef-DSADS",
    "WISDM": "SPDXRef-WISDM",
}


@pytest.fixture(scope="module")
def unpacked(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tar.gz, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    (archive,) = (p for p in dist.glob("libhar-*.tar.gz") if "source" not in p.name)
    run("tar", "-xzf", archive, "-C", folder)
    (root,) = folder.iterdir()
    return root


@pytest.fixture(scope="module")
def bill(unpacked: Path) -> dict[str, Any]:
    loaded = json.loads((unpacked / "share/doc/libhar/libhar.spdx.json").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_it_is_valid(unpacked: Path) -> None:
    document = parse_file(str(unpacked / "share/doc/libhar/libhar.spdx.json"))
    assert validate_full_spdx_document(document, "SPDX-2.3") == []


def test_every_model_is_named_with_its_checksum(unpacked: Path, bill: dict[str, Any]) -> None:
    named = {}
    for file in bill["files"]:
        sums = {s["algorithm"]: s["checksumValue"] for s in file["checksums"]}
        named[file["fileName"]] = sums["SHA256"]
    there = {
        f"./{p.relative_to(unpacked)}": hashlib.sha256(p.read_bytes()).hexdigest()
        for p in unpacked.rglob("*.har")
    }
    assert there
    assert named == there


def test_training_data_are_those_of_the_cards(unpacked: Path, bill: dict[str, Any]) -> None:
    by_name = {Path(f["fileName"]).name: f["SPDXID"] for f in bill["files"]}
    for path in unpacked.rglob("*.har"):
        said = flat.load(path).card.training_data
        expected = {data for word, data in DATA.items() if word in said}
        found = {
            r["relatedSpdxElement"]
            for r in bill["relationships"]
            if r["spdxElementId"] == by_name[path.name]
            and r["relationshipType"] == "GENERATED_FROM"
        }
        assert found == expected, path.name


def test_licences_are_those_of_the_notice(unpacked: Path, bill: dict[str, Any]) -> None:
    notice = (unpacked / "share/doc/libhar/NOTICE").read_text()
    licence = (unpacked / "share/doc/libhar/LICENSE").read_text()
    packages = {p["name"]: p for p in bill["packages"]}
    assert packages.pop("libhar")["licenseDeclared"] == "Apache-2.0"
    assert "Apache License" in licence
    for name, package in packages.items():
        assert package["licenseDeclared"] == "CC-BY-4.0"
        assert name in re.sub(r"\s+", " ", notice), name
