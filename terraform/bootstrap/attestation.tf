# An image may run only if the build signed it, which it does after the tests and the vulnerability gate.

resource "google_kms_key_ring" "attestation" {
  project  = var.project
  location = var.region
  name     = "samo-attestation"

  depends_on = [google_project_service.this]
}

resource "google_kms_crypto_key" "attestation" {
  name     = "images"
  key_ring = google_kms_key_ring.attestation.id
  purpose  = "ASYMMETRIC_SIGN"

  version_template {
    algorithm        = "EC_SIGN_P256_SHA256"
    protection_level = "SOFTWARE"
  }

  lifecycle {
    prevent_destroy = true
  }
}

data "google_kms_crypto_key_version" "attestation" {
  crypto_key = google_kms_crypto_key.attestation.id
}

resource "google_container_analysis_note" "gate" {
  project = var.project
  name    = "samo-gate"

  attestation_authority {
    hint {
      human_readable_name = "tested, and without known serious vulnerabilities"
    }
  }
}

resource "google_binary_authorization_attestor" "gate" {
  project = var.project
  name    = "samo-gate"

  attestation_authority_note {
    note_reference = google_container_analysis_note.gate.name

    public_keys {
      id = data.google_kms_crypto_key_version.attestation.id
      pkix_public_key {
        public_key_pem      = data.google_kms_crypto_key_version.attestation.public_key[0].pem
        signature_algorithm = data.google_kms_crypto_key_version.attestation.public_key[0].algorithm
      }
    }
  }
}

resource "google_binary_authorization_policy" "this" {
  project                       = var.project
  global_policy_evaluation_mode = "ENABLE"

  default_admission_rule {
    evaluation_mode         = "REQUIRE_ATTESTATION"
    enforcement_mode        = "ENFORCED_BLOCK_AND_AUDIT_LOG"
    require_attestations_by = [google_binary_authorization_attestor.gate.name]
  }
}

resource "google_kms_crypto_key_iam_member" "build" {
  crypto_key_id = google_kms_crypto_key.attestation.id
  role          = "roles/cloudkms.signerVerifier"
  member        = google_service_account.this["build"].member
}

resource "google_container_analysis_note_iam_member" "build" {
  project = var.project
  note    = google_container_analysis_note.gate.name
  role    = "roles/containeranalysis.notes.attacher"
  member  = google_service_account.this["build"].member
}

resource "google_binary_authorization_attestor_iam_member" "build" {
  project  = var.project
  attestor = google_binary_authorization_attestor.gate.name
  role     = "roles/binaryauthorization.attestorsViewer"
  member   = google_service_account.this["build"].member
}
