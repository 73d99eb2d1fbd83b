output "bucket" {
  description = "Bucket for recordings."
  value       = google_storage_bucket.audio.name
}

output "listener_role" {
  description = "Role that lets a stage read and delete recordings."
  value       = google_project_iam_custom_role.listener.name
}

output "database" {
  description = "Firestore database of the journal."
  value       = google_firestore_database.journal.name
}

output "access_database" {
  description = "Firestore database of API keys and quotas."
  value       = google_firestore_database.access.name
}

output "webhooks_secret" {
  description = "Secret with the integrators' addresses and signing keys."
  value       = google_secret_manager_secret.webhooks.secret_id
}

output "log_bucket" {
  description = "Log bucket."
  value       = google_logging_project_bucket_config.logs.id
}
