"""Which channels are kept: the most salient, and beside them, to compare, the least salient."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from libhar.saliency.maps import Saliency


class ChannelsError(ValueError):
    """Channels cannot be chosen so, or the recipe does not train such a choice."""


@dataclass(frozen=True)
class Choice:
    """Some channels of a model, in the order of its samples."""

    kind: str
    """"all", "top" or "bottom"."""
    name: str
    """Of the model that is trained on them."""
    channels: tuple[str, ...]

    def write_spec(self, base: Path, path: Path, description: str, source: str) -> None:
        """A spec on the recipe's that keeps these channels; docs/convert.md."""
        lines = {"base": str(base), "name": self.name, "keep": list(self.channels)}
        card = {"description": description, "source": source}
        text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items())
        text += "\n[card]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in card.items())
        path.write_text(text, encoding="utf-8")


def check_keep(keep: int, channels: int) -> None:
    """Raises ChannelsError where `keep` is not fewer than all, or none."""
    if not 1 <= keep < channels:
        raise ChannelsError(f"--keep is {keep}, must be 1 to {channels - 1}: there are {channels}")


def choices(name: str, channels: tuple[str, ...], found: Saliency, keep: int) -> list[Choice]:
    """All channels, the `keep` most salient, the `keep` least. Raises ChannelsError where the
    columns of the map are not the channels."""
    check_keep(keep, len(channels))
    if found.columns != channels:
        raise ChannelsError(
            f"{name} sees {len(found.columns)} columns that its signal steps make of its "
            f"{len(channels)} channels; channels are chosen where each is a column"
        )
    ranked = [channels[i] for i in found.ranking]
    kept = {"top": set(ranked[:keep]), "bottom": set(ranked[-keep:])}
    return [
        Choice("all", name, channels),
        *(
            Choice(kind, f"{name}_{kind}{keep}", tuple(c for c in channels if c in some))
            for kind, some in kept.items()
        ),
    ]
