output "registry" {
  description = "Image registry."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"
}

output "state_bucket" {
  description = "Bucket for Terraform's state."
  value       = google_storage_bucket.state.name
}

output "build_bucket" {
  description = "Bucket for sources and logs of builds."
  value       = google_storage_bucket.build.name
}

output "accounts" {
  description = "E-mails of the service accounts that build, plan and apply."
  value       = { for name, account in google_service_account.this : name => account.email }
}

output "identity_provider" {
  description = "Workload identity provider that runners exchange their token with."
  value       = google_iam_workload_identity_pool_provider.github.name
}

output "attestor" {
  description = "Attestor of images, and its key."
  value = {
    attestor    = google_binary_authorization_attestor.gate.name
    key_version = data.google_kms_crypto_key_version.attestation.name
  }
}
