"""What only the text of the configurations can say, because mocked providers and backends never read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.terraform import calls

SETUP = """\
terraform {
  required_version = ">= 1.9"
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.50" }
  }
  backend "gcs" { prefix = "environment" } # init -backend-config=bucket=PROJECT-tfstate
}

provider "google" {
  project               = var.deployment.project
  region                = var.deployment.region
  billing_project       = var.deployment.project
  user_project_override = true
}

module "samo" {
"""
"""How every environment begins."""

INDESTRUCTIBLE = {
    "bootstrap/main.tf": 'resource "google_storage_bucket" "state"',
    "bootstrap/attestation.tf": 'resource "google_kms_crypto_key" "attestation"',
}


def problems(root: Path) -> Iterator[str]:
    """Everything that is wrong with the text of the configurations below `root`."""
    for path in sorted(root.rglob("*.tf")):
        yield from (f"{path}: {found}" for found in _too_wide(path.read_text()))
    for folder in calls.environments(root):
        if not (folder / "main.tf").read_text().startswith(SETUP):
            yield f"{folder}/main.tf: the environments begin alike"
    if len({(folder / "inputs.tf").read_text() for folder in calls.environments(root)}) != 1:
        yield "inputs.tf: the environments take the same inputs"
    for name, resource in INDESTRUCTIBLE.items():
        block = (root / name).read_text().partition(resource)[2].partition("\n}\n")[0]
        if not re.search(r"\n    prevent_destroy = true\n", block):
            yield f"{name}: {resource} must not be destroyed"


def _too_wide(text: str) -> list[str]:
    return re.findall(r'allUsers|allAuthenticatedUsers|"roles/(?:owner|editor|viewer)"', text)
