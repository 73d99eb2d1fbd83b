"""A T5 from the hub as an artifact: fetched at one revision, exported, quantised and pinned in the manifest.

    python -m build.summarization.install_t5 --revision COMMIT [--repository google-t5/t5-small]

A revision of the hub names every large file by its sha256; what comes is checked against that. Any fine-tune
of the same shape will do. Needs the hub, torch and transformers: it runs while an image is built, not in one.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
import tempfile
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import HfHubHTTPError

from build import package
from build.errors import ArtifactError, BuildError
from build.files import sha256
from build.summarization import exporting
from functions.shared.runtime.onnx import CONFIG
from functions.shared.text.encoder import TOKENIZER
from functions.summarization.seq2seq import DECODER, ENCODER

WANTED = ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def fetch(repository: str, revision: str, folder: Path) -> None:
    """Fetch what a T5 is made of.

    Raises:
        ArtifactError: the revision is no commit, the hub cannot be reached or lacks it, or a file is not the
            one that the revision names.
    """
    if not _COMMIT.fullmatch(revision):
        raise ArtifactError(f"{revision!r} is no commit of 40 digits: a branch or tag would not pin anything")
    try:
        known = HfApi().model_info(repository, revision=revision, files_metadata=True)
        snapshot_download(repository, revision=revision, allow_patterns=list(WANTED), local_dir=folder)
    except (HfHubHTTPError, OSError) as error:
        raise ArtifactError(
            f"{repository}@{revision} could not be fetched ({type(error).__name__})"
        ) from error
    digests = {each.rfilename: each.lfs.sha256 for each in known.siblings or () if each.lfs}
    for name in WANTED:
        path = folder / name
        if name in digests and path.is_file() and sha256(path) != digests[name]:
            raise ArtifactError(f"{name} is not the file that {repository}@{revision} names")


def install(repository: str, revision: str, name: str, licence: str, models: Path) -> None:
    """Fetch, export and quantise a T5, put it into `models` and enter it into the manifest.

    Raises:
        ArtifactError: it cannot be fetched, is no T5, or a graph computes something else.
    """
    with tempfile.TemporaryDirectory() as scratch:
        source, made = Path(scratch) / "source", Path(scratch) / "made"
        fetch(repository, revision, source)
        exporting.export_t5(source, made, name, revision[:7])
        package.install(models / name, lambda fresh: package.copy(made, fresh))
    entry = {
        "version": revision[:7],
        "description": f"{repository}, exported and quantised to int8 for summaries in new words",
        "licence": licence,
        "optional": True,
        "files": package.pin(models / name, (ENCODER, DECODER, TOKENIZER, CONFIG)),
        "source": {"kind": "committed"},
        "base_model": f"{repository}@{revision}",
    }
    package.enter(models / "manifest.json", name, entry)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repository", default="google-t5/t5-small")
    parser.add_argument("--revision", required=True, help="a commit of the repository")
    parser.add_argument("--name", default="t5-small", help="of the artifact: SAMO_SUMMARY_MODEL")
    parser.add_argument("--licence", default="Apache-2.0")
    parser.add_argument("--models", type=Path, default=Path("models"))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        install(options.repository, options.revision, options.name, options.licence, options.models)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
