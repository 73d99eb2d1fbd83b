"""Writes the Terraform variables of a release, from the deployed state and the new images' digests.

Three files: `trial` gives the new revisions a small share of every service's traffic, `new` all of it.
`traffic` returns all of it to the previous revisions, unless the smoke test replaces it by `new`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

CAPABILITIES = ("transcription", "emotion", "summarization", "journal")
TAG = "trial"

Share = dict[str, Any]


def current_shares(name: str, shares: list[str], newest: str) -> list[Share]:
    """The revisions that serve now, by name. Each share has the form `PERCENT [REVISION] [TAG]`."""
    percents: dict[str, int] = {}
    for share in shares:
        percent, *rest = share.split(" ")
        revision = next((word for word in rest if word.startswith(f"{name}-")), newest)
        percents[revision] = percents.get(revision, 0) + int(percent)
    return [{"revision": revision, "percent": percent} for revision, percent in percents.items() if percent]


def trial_shares(former: list[Share], percent: int) -> list[Share]:
    """A share for the new revision; the others divide the rest in their present proportion."""
    if percent >= 100:
        return [{"percent": 100, "tag": TAG}]
    kept = [{**share, "percent": share["percent"] * (100 - percent) // 100} for share in former]
    kept[0]["percent"] += 100 - percent - sum(share["percent"] for share in kept)
    return [*(share for share in kept if share["percent"]), {"percent": percent, "tag": TAG}]


def release(deployed: dict[str, Any], images: dict[str, str], percent: int) -> dict[str, dict[str, Any]]:
    """Content of the three files. In a first deployment, all give all traffic to the new revisions."""
    samo = deployed.get("samo", {}).get("value", {})
    former = {
        name: current_shares(name, service["traffic"], samo["revisions"][name])
        for name, service in samo.get("services", {}).items()
    }
    trial = {name: trial_shares(shares, percent) for name, shares in former.items()}
    traffic = {"trial": trial, "new": {}, "traffic": former}
    return {name: {"images": images, "traffic": shares} for name, shares in traffic.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deployed", type=Path, required=True, help="terraform output -json")
    parser.add_argument("--digests", type=Path, required=True, help="folder of NAME.digest")
    parser.add_argument("--registry", required=True)
    parser.add_argument("--share", type=int, required=True, choices=range(1, 101), metavar="1..100")
    parser.add_argument("--into", type=Path, required=True)
    options = parser.parse_args()
    images = {
        name: f"{options.registry}/{name}@{(options.digests / f'{name}.digest').read_text().strip()}"
        for name in CAPABILITIES
    }
    options.into.mkdir(parents=True, exist_ok=True)
    for name, variables in release(json.loads(options.deployed.read_text()), images, options.share).items():
        (options.into / f"{name}.tfvars.json").write_text(json.dumps(variables, indent=2))


if __name__ == "__main__":
    main()
