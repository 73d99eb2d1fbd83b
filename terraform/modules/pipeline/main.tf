data "google_project" "this" {
  project_id = var.project
}

locals {
  topics = toset([
    "entries.uploaded",
    "entries.transcribed",
    "entries.emotions-detected",
    "entries.summarized",
    "audio.finalized",
    "dead-letters",
  ])

  stages = {
    transcription = { topic = "entries.uploaded", service = "transcription-events", path = "/" }
    emotion       = { topic = "entries.transcribed", service = "emotion-events", path = "/" }
    summarization = { topic = "entries.emotions-detected", service = "summarization-events", path = "/" }
    uploads       = { topic = "audio.finalized", service = "journal-events", path = "/uploads" }
  }

  webhooks = {
    for name in var.webhooks : "webhook-${name}" =>
    { topic = "entries.summarized", service = "journal-events", path = "/webhooks/${name}" }
  }

  # The journal marks the entries of dead letters. Delivery to it is retried and never itself dead-lettered.
  given_up = {
    dead-letters = { topic = "dead-letters", service = "journal-events", path = "/dead-letters" }
  }

  pushes    = merge(local.stages, local.webhooks, local.given_up)
  forwarded = merge(local.stages, local.webhooks)
  retention = "${var.retention_days * 24 * 3600}s"
}

resource "google_pubsub_topic" "this" {
  for_each = local.topics

  project      = var.project
  name         = each.value
  kms_key_name = var.kms_key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
    enforce_in_transit          = true
  }
}

resource "google_pubsub_subscription" "push" {
  for_each = local.pushes

  project                    = var.project
  name                       = each.key
  topic                      = google_pubsub_topic.this[each.value.topic].id
  ack_deadline_seconds       = var.ack_deadline_s
  message_retention_duration = local.retention

  push_config {
    push_endpoint = "${var.endpoints[each.value.service].uri}${each.value.path}"

    # Attributes become headers, so a push is a CloudEvent in binary mode.
    no_wrapper {
      write_metadata = true
    }

    oidc_token {
      service_account_email = google_service_account.push.email
      audience              = var.endpoints[each.value.service].audience
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dynamic "dead_letter_policy" {
    for_each = contains(keys(local.forwarded), each.key) ? ["dead-letters"] : []
    content {
      dead_letter_topic     = google_pubsub_topic.this[dead_letter_policy.value].id
      max_delivery_attempts = 100
    }
  }

  expiration_policy {
    ttl = ""
  }
}

# The same dead letters for operators: `samo dead-letters list` and `replay` pull from here.
resource "google_pubsub_subscription" "inspection" {
  project                    = var.project
  name                       = "dead-letters-inspection"
  topic                      = google_pubsub_topic.this["dead-letters"].id
  ack_deadline_seconds       = 60
  message_retention_duration = local.retention

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  expiration_policy {
    ttl = ""
  }
}

# Every minute, /reconcile republishes the events of stalled entries and /chores continues jobs, deletions and expiry.
# A failed call is not retried: the next one does its work.
resource "google_cloud_scheduler_job" "this" {
  for_each = toset(["reconcile", "chores"])

  project          = var.project
  region           = var.region
  name             = each.value
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "${var.request_timeout_s}s"

  retry_config {
    retry_count = 0
  }

  http_target {
    http_method = "POST"
    uri         = "${var.endpoints["journal-events"].uri}/${each.value}"

    oidc_token {
      service_account_email = google_service_account.push.email
      audience              = var.endpoints["journal-events"].audience
    }
  }
}

moved {
  from = google_cloud_scheduler_job.reconcile
  to   = google_cloud_scheduler_job.this["reconcile"]
}
