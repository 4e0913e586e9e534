"""Digest and signature: against hashlib and OpenSSL's program, and files that were changed."""

from __future__ import annotations

import hashlib
import struct
import subprocess
from pathlib import Path

import libhar
import numpy as np
import pytest
from libhar import cli, flat, trust
from libhar.trust import TrustError

MODELS = ("tiny_f32", "tiny_int8", "tiny_front", "tiny_attention_int8")


def openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pairs of keys by OpenSSL: mine and other; and one of another kind."""
    folder = tmp_path_factory.mktemp("keys")
    for name, kind in (("mine", "ed25519"), ("other", "ed25519"), ("x", "x25519")):
        openssl("genpkey", "-algorithm", kind, "-out", folder / f"{name}.pem")
        openssl("pkey", "-in", folder / f"{name}.pem", "-pubout", "-out", folder / f"{name}.pub")
    return folder


@pytest.fixture
def signed(root: Path, keys: Path, tmp_path: Path) -> Path:
    path = tmp_path / "signed.har"
    trust.sign(root / "tests/golden/tiny_int8.har", keys / "mine.pem", path)
    return path


def place(data: bytes, content: np.ndarray) -> int:
    """Where `content` stands in the file, found by looking for it."""
    found = data.find(content.tobytes())
    assert found > 0 and data.find(content.tobytes(), found + 1) < 0
    return found


@pytest.mark.parametrize("name", MODELS)
def test_the_digest_is_that_of_hashlib(root: Path, keys: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.har"
    trust.sign(root / f"tests/golden/{name}.har", keys / "mine.pem", path)
    data, model = bytearray(path.read_bytes()), flat.load(path)
    places = [
        place(data, np.array(model.checksum.crc32, "<u4")),
        place(data, model.sha256),
        place(data, model.signature),
    ]
    for at, size in zip(places, (4, 32, 64)):
        data[at : at + size] = bytes(size)
    content = struct.pack("<4Q", len(data), *places) + data
    assert hashlib.sha256(content).digest() == model.sha256.tobytes()


def test_openssl_checks_the_signature(signed: Path, keys: Path, tmp_path: Path) -> None:
    model = flat.load(signed)
    message, signature = tmp_path / "message", tmp_path / "signature"
    message.write_bytes(b"libhar model signature 1" + model.sha256.tobytes())
    signature.write_bytes(model.signature.tobytes())
    words = ["pkeyutl", "-verify", "-pubin", "-rawin", "-in", message, "-sigfile", signature]
    openssl(*words, "-inkey", keys / "mine.pub")
    with pytest.raises(subprocess.CalledProcessError):
        openssl(*words, "-inkey", keys / "other.pub")


@pytest.mark.parametrize("name", MODELS)
def test_the_c_library_passes_digest_and_signature_over(
    root: Path, keys: Path, tmp_path: Path, name: str
) -> None:
    """Also as a file of 0.1 that has neither."""
    frozen, path = root / f"tests/abi/files/1.0/{name}.har", tmp_path / "model.har"
    trust.sign(frozen, keys / "mine.pem", path)
    with pytest.raises(TrustError, match="carries no digest"):
        trust.verify(frozen)
    signed, plain = libhar.Model(path), libhar.Model(frozen)
    assert signed.info.macs == plain.info.macs
    if plain.info.golden_count:
        assert signed.selftest() == plain.selftest()


def test_no_byte_can_be_changed(root: Path, keys: Path, tmp_path: Path) -> None:
    """Every byte of the file, its checksum's own aside, where the checksum is made right again."""
    signed = tmp_path / "signed.har"
    trust.sign(root / "tests/golden/tiny_front.har", keys / "mine.pem", signed)
    data = signed.read_bytes()
    at_checksum = flat._checksum_at(data)
    assert trust.verify_bytes(data, keys / "mine.pub").is_checked
    for at in range(0, len(data)):
        if at_checksum <= at < at_checksum + 4:
            continue
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        with pytest.raises(TrustError):
            trust.verify_bytes(bytes(changed), keys / "mine.pub")


def test_a_signature_does_not_outlive_a_change(signed: Path, keys: Path) -> None:
    model = flat.load(signed)
    model.labels[0] = "SLEEPING"
    flat.save(model, signed)
    assert not trust.verify(signed).has_signature
    with pytest.raises(TrustError, match="is not signed"):
        trust.verify(signed, keys / "mine.pub")


def test_a_signature_is_of_its_own_file(signed: Path, root: Path, keys: Path) -> None:
    model = flat.load(root / "tests/golden/tiny_f32.har")
    theirs = flat.load(signed).signature.tobytes()
    data = flat.encode(model, lambda digest: theirs)
    with pytest.raises(TrustError, match="not by the key"):
        trust.verify_bytes(data, keys / "mine.pub")


def test_a_damaged_file_is_not_signed(root: Path, keys: Path, tmp_path: Path) -> None:
    data = bytearray((root / "tests/golden/tiny_int8.har").read_bytes())
    data[-1] ^= 1
    path = tmp_path / "damaged.har"
    path.write_bytes(data)
    with pytest.raises(TrustError, match="checksum is wrong"):
        trust.sign(path, keys / "mine.pem")
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("key", "says"),
    [("x.pem", "another kind"), ("mine.pub", "no private key"), ("none.pem", "none.pem")],
)
def test_a_wrong_key_is_told(root: Path, keys: Path, tmp_path: Path, key: str, says: str) -> None:
    output = tmp_path / "out.har"
    with pytest.raises((TrustError, OSError), match=says):
        trust.sign(root / "tests/golden/tiny_int8.har", keys / key, output)
    assert not output.exists()


def test_the_commands(
    root: Path, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "model.har"
    path.write_bytes((root / "tests/golden/tiny_int8.har").read_bytes())
    assert cli.main(["seal", str(path)]) == 0
    assert cli.main(["verify", str(path)]) == 0
    assert "not signed" in capsys.readouterr().out
    assert cli.main(["sign", str(path), "--key", str(keys / "mine.pem")]) == 0
    assert cli.main(["verify", str(path), "--key", str(keys / "mine.pub")]) == 0
    assert "signed by" in capsys.readouterr().out
    assert cli.main(["verify", str(path)]) == 0
    assert "was not checked" in capsys.readouterr().out
    assert cli.main(["verify", str(path), "--key", str(keys / "other.pub")]) == 1
    assert "not by the key" in capsys.readouterr().err
