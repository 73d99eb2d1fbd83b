output "registry" {
  description = "Where images are pushed."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"
}

output "state_bucket" {
  description = "Where Terraform's state lies."
  value       = google_storage_bucket.state.name
}

output "build_bucket" {
  description = "Where a build's sources and logs lie."
  value       = google_storage_bucket.build.name
}

output "accounts" {
  description = "E-mails of the accounts that build, plan and apply."
  value       = { for name, account in google_service_account.this : name => account.email }
}

output "identity_provider" {
  description = "What a runner names to exchange its token."
  value       = google_iam_workload_identity_pool_provider.github.name
}

output "attestor" {
  description = "Who attests images, and with which key."
  value = {
    attestor    = google_binary_authorization_attestor.gate.name
    key_version = data.google_kms_crypto_key_version.attestation.name
  }
}
