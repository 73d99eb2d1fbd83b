"""Rules on the text of the configurations, for parts that mocked providers and backends never evaluate."""

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
"""The first lines of every environment."""

INDESTRUCTIBLE = {
    "bootstrap/main.tf": 'resource "google_storage_bucket" "state"',
    "bootstrap/attestation.tf": 'resource "google_kms_crypto_key" "attestation"',
}


def problems(root: Path) -> Iterator[str]:
    """Every violation in the configurations below `root`."""
    for path in sorted(root.rglob("*.tf")):
        yield from (f"{path}: {match}" for match in _too_wide(path.read_text()))
    for folder in calls.environments(root):
        if not (folder / "main.tf").read_text().startswith(SETUP):
            yield f"{folder}/main.tf: must begin like the other environments"
    if len({(folder / "inputs.tf").read_text() for folder in calls.environments(root)}) != 1:
        yield "inputs.tf: all environments must have the same inputs"
    for name, resource in INDESTRUCTIBLE.items():
        block = (root / name).read_text().partition(resource)[2].partition("\n}\n")[0]
        if not re.search(r"\n    prevent_destroy = true\n", block):
            yield f"{name}: {resource} must have prevent_destroy"


def _too_wide(text: str) -> list[str]:
    return re.findall(r'allUsers|allAuthenticatedUsers|"roles/(?:owner|editor|viewer)"', text)
