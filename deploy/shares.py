"""The variables of a release, from what stands and what was built: three files, one after the other.

`trial` gives the new revisions a small share of every service's traffic, `new` all of it. `traffic` gives all
of it back to those that served before, until the smoke test puts `new` in its place. Standard library only.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

CAPABILITIES = ("transcription", "emotion", "summarization", "journal")
TAG = "trial"

Share = dict[str, Any]


def served(name: str, shares: list[str], newest: str) -> list[Share]:
    """Who serves a service now, by name. A share reads `PERCENT [REVISION] [TAG]`."""
    found: dict[str, int] = {}
    for share in shares:
        percent, *rest = share.split(" ")
        revision = next((word for word in rest if word.startswith(f"{name}-")), newest)
        found[revision] = found.get(revision, 0) + int(percent)
    return [{"revision": revision, "percent": percent} for revision, percent in found.items() if percent]


def tried(former: list[Share], percent: int) -> list[Share]:
    """The new revision with a share, the former ones with what is left, in their old proportion."""
    if percent >= 100:
        return [{"percent": 100, "tag": TAG}]
    kept = [{**share, "percent": share["percent"] * (100 - percent) // 100} for share in former]
    kept[0]["percent"] += 100 - percent - sum(share["percent"] for share in kept)
    return [*(share for share in kept if share["percent"]), {"percent": percent, "tag": TAG}]


def release(standing: dict[str, Any], images: dict[str, str], percent: int) -> dict[str, dict[str, Any]]:
    """The three files' content; where nothing stands yet, all three give everything to the new."""
    samo = standing.get("samo", {}).get("value", {})
    former = {
        name: served(name, service["traffic"], samo["revisions"][name])
        for name, service in samo.get("services", {}).items()
    }
    trial = {name: tried(shares, percent) for name, shares in former.items()}
    traffic = {"trial": trial, "new": {}, "traffic": former}
    return {name: {"images": images, "traffic": shares} for name, shares in traffic.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--standing", type=Path, required=True, help="terraform output -json")
    parser.add_argument("--digests", type=Path, required=True, help="folder of NAME.digest")
    parser.add_argument("--registry", required=True)
    parser.add_argument("--share", type=int, required=True, choices=range(1, 101), metavar="1..100")
    parser.add_argument("--into", type=Path, required=True)
    given = parser.parse_args()
    images = {
        name: f"{given.registry}/{name}@{(given.digests / f'{name}.digest').read_text().strip()}"
        for name in CAPABILITIES
    }
    given.into.mkdir(parents=True, exist_ok=True)
    for name, variables in release(json.loads(given.standing.read_text()), images, given.share).items():
        (given.into / f"{name}.tfvars.json").write_text(json.dumps(variables, indent=2))


if __name__ == "__main__":
    main()
