locals {
  # Logs of the services and the load balancer, and data-access audit logs.
  ours = join(" OR ", [
    "resource.type=\"cloud_run_revision\"",
    "resource.type=\"http_load_balancer\"",
    "log_id(\"cloudaudit.googleapis.com/data_access\")",
  ])
}

resource "google_logging_project_bucket_config" "logs" {
  project        = var.project
  location       = var.region
  bucket_id      = "samo"
  retention_days = var.log_days
  description    = "SAMO's logs, in its own region"
}

resource "google_logging_project_sink" "logs" {
  project                = var.project
  name                   = "samo"
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.logs.id}"
  filter                 = local.ours
  unique_writer_identity = true
}

# Logs are stored once: those of the sink above are excluded from the _Default bucket, which is in another region.
resource "google_logging_project_exclusion" "duplicates" {
  project     = var.project
  name        = "samo-kept-in-region"
  description = "Kept by the sink samo"
  filter      = local.ours

  depends_on = [google_logging_project_sink.logs]
}

# Audit logs of reads and writes: resource names, no content. `datastore` also covers Firestore's own API.
resource "google_project_iam_audit_config" "data_access" {
  for_each = toset(["datastore.googleapis.com", "storage.googleapis.com", "secretmanager.googleapis.com"])

  project = var.project
  service = each.value

  audit_log_config {
    log_type = "ADMIN_READ"
  }
  audit_log_config {
    log_type = "DATA_READ"
  }
  audit_log_config {
    log_type = "DATA_WRITE"
  }
}
