"""Installs a T5 from the Hugging Face hub: downloads a revision, exports, quantizes and pins it.

    python -m build.summarization.install_t5 --revision COMMIT [--repository google-t5/t5-small]

A revision on the hub has the sha256 of every large file, which the downloads are checked against. Any
fine-tuned model with the same architecture works. Needs the hub, torch and transformers: run it while
building an image, not inside one.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import HfHubHTTPError

from build import artifact_store
from build.errors import ArtifactError, BuildError
from build.files import sha256
from build.summarization.export import export
from functions.shared.runtime.onnx import CONFIG
from functions.shared.text.encoder import TOKENIZER
from functions.summarization.abstracts.seq2seq import DECODER, ENCODER

FILES = ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def fetch(repository: str, revision: str, folder: Path, endpoint: str | None = None) -> None:
    """Download the files of a T5 from the hub, or from another ``endpoint``.

    Raises:
        ArtifactError: the revision is not a commit, the hub does not have it or does not respond, or a file
            does not match the revision.
    """
    if not _COMMIT.fullmatch(revision):
        raise ArtifactError(
            f"{revision!r} is not a commit of 40 hex digits; a branch or tag would not pin anything"
        )
    try:
        model_info = HfApi(endpoint).model_info(repository, revision=revision, files_metadata=True)
        snapshot_download(
            repository, revision=revision, allow_patterns=list(FILES), local_dir=folder, endpoint=endpoint
        )
    except (HfHubHTTPError, OSError) as error:
        raise ArtifactError(
            f"{repository}@{revision} could not be fetched ({type(error).__name__})"
        ) from error
    digests = {file.rfilename: file.lfs.sha256 for file in model_info.siblings or () if file.lfs}
    for name in FILES:
        path = folder / name
        if name in digests and path.is_file() and sha256(path) != digests[name]:
            raise ArtifactError(f"{name} differs from {repository}@{revision}")


def install(
    repository: str, revision: str, name: str, licence: str, models: Path, endpoint: str | None = None
) -> None:
    """Download, export and quantize a T5, put it into `models` and add it to the manifest.

    Raises:
        ArtifactError: it cannot be downloaded, is not a T5, or a graph's outputs differ from the network's.
    """
    with tempfile.TemporaryDirectory() as scratch:
        source, exported = Path(scratch) / "source", Path(scratch) / "exported"
        fetch(repository, revision, source, endpoint)
        export.export_t5(source, exported, name, revision[:7])
        artifact_store.replace_folder(
            models / name, lambda target: artifact_store.copy_files(exported, target)
        )
    entry = {
        "version": revision[:7],
        "description": f"{repository}, exported and quantized to int8 for abstractive summaries",
        "licence": licence,
        "optional": True,
        "files": artifact_store.pin_files(models / name, (ENCODER, DECODER, TOKENIZER, CONFIG)),
        "source": {"kind": "committed"},
        "base_model": f"{repository}@{revision}",
    }
    artifact_store.update_manifest(models / "manifest.json", name, entry)


def main(arguments: Sequence[str] | None = None) -> int:
    """Install a T5; returns the exit status: 0, or 1 after an expected error."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repository", default="google-t5/t5-small")
    parser.add_argument("--revision", required=True, help="commit of the repository")
    parser.add_argument("--name", default="t5-small", help="name of the artifact, for SAMO_SUMMARY_MODEL")
    parser.add_argument("--licence", default="Apache-2.0")
    parser.add_argument("--models", type=Path, default=Path("models"))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        install(options.repository, options.revision, options.name, options.licence, options.models)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
