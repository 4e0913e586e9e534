"""Who made a model file: its digest, and signatures by Ed25519 (RFC 8032).

A signature is of the 24 bytes `libhar model signature 1` and the digest of the content
(`flat.content_sha256`). It is made and checked here, with the package `cryptography`, never in the
C library: an app that must know where a model comes from checks before it opens it.
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from libhar import flat
from libhar.errors import of_file
from libhar.flat import FormatError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

PURPOSE = b"libhar model signature 1"


class TrustError(ValueError):
    """The file is not what it says, or not by whom it must be."""


@dataclass(frozen=True)
class Verified:
    """What `verify` found: the digest, whether there is a signature, whether it was checked."""

    sha256: str
    has_signature: bool
    is_checked: bool


def sign(path: str | Path, key: str | Path, output: str | Path | None = None) -> str:
    """Writes the file anew with a signature by the private key (PEM, PKCS #8) at `key`; returns the
    digest in hexadecimal. Raises OSError, FormatError, TrustError, ImportError."""
    data = Path(path).read_bytes()
    with of_file(path):
        if not flat.checksum_is_right(data):
            raise TrustError("the checksum is wrong; a damaged file is not signed")
        model = flat.decode(data)
    private = _private_key(Path(key))
    flat.save(model, output or path, lambda digest: private.sign(PURPOSE + digest))
    return model.sha256.tobytes().hex()


def verify(path: str | Path, key: str | Path | None = None) -> Verified:
    """Whether the content has the digest that the file states and, with `key` (a public key, PEM),
    whether its signature is by that key. Raises OSError, FormatError, TrustError, ImportError."""
    return verify_bytes(Path(path).read_bytes(), key, str(path))


def verify_bytes(data: bytes, key: str | Path | None = None, name: str = "model") -> Verified:
    """`verify` of a file that is in memory: what is checked is what is then opened."""
    try:
        model = flat.decode(data)
        digest = flat.content_sha256(data)
    except (struct.error, IndexError, FormatError) as error:
        raise TrustError(f"{name}: no model file: {error}") from error
    if len(model.sha256) == 0:
        raise TrustError(f"{name}: carries no digest; `libhar seal` writes one")
    if digest != model.sha256.tobytes():
        raise TrustError(f"{name}: the digest of the content is not the one that the file states")
    has_signature = len(model.signature) > 0
    if key is None:
        return Verified(digest.hex(), has_signature, False)
    public = _public_key(Path(key))
    if not has_signature:
        raise TrustError(f"{name}: is not signed")
    from cryptography.exceptions import InvalidSignature

    try:
        public.verify(model.signature.tobytes(), PURPOSE + digest)
    except InvalidSignature as error:
        raise TrustError(f"{name}: the signature is not by the key {key}") from error
    return Verified(digest.hex(), True, True)


def _private_key(path: Path) -> Ed25519PrivateKey:
    _need_cryptography()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise TrustError(f"{path}: no private key in PEM without a password: {error}") from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise TrustError(f"{path}: is a key of another kind, must be Ed25519")
    return key


def _public_key(path: Path) -> Ed25519PublicKey:
    _need_cryptography()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (ValueError, TypeError) as error:
        raise TrustError(f"{path}: no public key in PEM: {error}") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise TrustError(f"{path}: is a key of another kind, must be Ed25519")
    return key


def _need_cryptography() -> None:
    if importlib.util.find_spec("cryptography") is None:
        raise ImportError("signatures need `pip install libhar[sign]`")
