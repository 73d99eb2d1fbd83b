# The service's account and all of its permissions, each limited to one resource.

resource "google_service_account" "this" {
  project      = var.project
  account_id   = "samo-${var.name}"
  display_name = "SAMO: ${var.name}"
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = var.topics

  project = var.project
  topic   = each.value
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this.member
}

resource "google_storage_bucket_iam_member" "objects" {
  count = var.bucket == null ? 0 : 1

  bucket = var.bucket.name
  role   = var.bucket.role
  member = google_service_account.this.member
}

# Firestore has no per-database roles: a condition limits the project-wide role to one database.
resource "google_project_iam_member" "database" {
  for_each = var.databases

  project = var.project
  role    = "roles/datastore.user"
  member  = google_service_account.this.member

  condition {
    title      = "this-database-only"
    expression = "resource.name == \"projects/${var.project}/databases/${each.value}\""
  }
}

# Before an irreversible action, the service checks whether the user's sign-in was revoked.
resource "google_project_iam_member" "sign_ins" {
  count = var.looks_up_users ? 1 : 0

  project = var.project
  role    = "roles/identitytoolkit.viewer"
  member  = google_service_account.this.member
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = var.secrets

  project   = var.project
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this.member
}

# Only the push account may call an event service; callers of public services present their own ID tokens.
resource "google_cloud_run_v2_service_iam_member" "invoker" {
  count = var.event ? 1 : 0

  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.this.name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${var.push_account}"
}

resource "google_service_account_iam_member" "deployer" {
  service_account_id = google_service_account.this.name
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${var.deployer}"
}
