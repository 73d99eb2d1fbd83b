output "bucket" {
  description = "The bucket of the recordings."
  value       = google_storage_bucket.audio.name
}

output "listener_role" {
  description = "The role of a stage on that bucket: reads and deletes."
  value       = google_project_iam_custom_role.listener.name
}

output "database" {
  description = "The Firestore database of the journal."
  value       = google_firestore_database.journal.name
}

output "access_database" {
  description = "The Firestore database of keys and quotas."
  value       = google_firestore_database.access.name
}

output "webhooks_secret" {
  description = "The secret with the integrators' addresses and keys."
  value       = google_secret_manager_secret.webhooks.secret_id
}

output "log_bucket" {
  description = "Where SAMO's logs are kept."
  value       = google_logging_project_bucket_config.logs.id
}
