# Recordings: audio/{uid}/{entry_id}, and inbox/{uid}/… for recordings to import.

resource "google_storage_bucket" "audio" {
  #checkov:skip=CKV_GCP_62:data-access audit logs already record who read what; usage logs would duplicate them
  #checkov:skip=CKV_GCP_78:deletion is final: a version would keep what a user deleted
  project                     = var.project
  name                        = var.bucket
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  # Deletion is final: no soft delete, no versions.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  versioning {
    enabled = false
  }

  # The application deletes recordings as their users chose; this rule deletes any it missed.
  dynamic "lifecycle_rule" {
    for_each = var.net_days == null ? [] : [var.net_days]
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = ["audio/", "inbox/"]
      }
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 7
    }
  }

  # Web pages upload recordings in chunks to an upload session that the journal created.
  dynamic "cors" {
    for_each = length(var.cors_origins) > 0 ? [var.cors_origins] : []
    content {
      origin          = cors.value
      method          = ["PUT"]
      response_header = ["Content-Type", "Content-Range", "Range", "Location", "X-Goog-Upload-Status"]
      max_age_seconds = 3600
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key == null ? [] : [var.kms_key]
    content {
      default_kms_key_name = encryption.value
    }
  }
}

resource "google_storage_notification" "finalized" {
  for_each = toset(["audio/", "inbox/"])

  bucket             = google_storage_bucket.audio.name
  topic              = var.finalized_topic
  payload_format     = "JSON_API_V1"
  event_types        = ["OBJECT_FINALIZE"]
  object_name_prefix = each.value

  depends_on = [google_pubsub_topic_iam_member.storage]
}

data "google_storage_project_service_account" "this" {
  project = var.project
}

resource "google_pubsub_topic_iam_member" "storage" {
  project = var.project
  topic   = var.finalized_topic
  role    = "roles/pubsub.publisher"
  member  = data.google_storage_project_service_account.this.member
}

# Stages read recordings, and delete those whose entry is gone.
resource "google_project_iam_custom_role" "listener" {
  project     = var.project
  role_id     = "samoListener"
  title       = "SAMO: reads and deletes recordings"
  permissions = ["storage.objects.get", "storage.objects.delete"]
}
