# Metrics from structured logs. tests/terraform/test_monitoring_facts.py checks that the code logs each message and field.
locals {
  counters = {
    stage_outcomes     = { message = "delivery", labels = ["stage", "verdict"], help = "Deliveries to a stage, by outcome" }
    entries_failed     = { message = "entry failed", labels = ["stage", "code"], help = "Failed stages, by code" }
    insights           = { message = "insight", labels = ["source"], help = "Finished insights" }
    empty_insights     = { message = "insight", labels = ["empty"], only = "jsonPayload.empty=~\".\"", help = "Empty insights, by reason" }
    dead_letters       = { message = "dead letter", labels = ["type"], help = "Dead-lettered events" }
    dictations         = { message = "dictation", labels = ["end"], help = "Live dictations, by how they ended" }
    dictations_refused = { message = "dictation refused", labels = ["code"], help = "Refused connections of live dictations, by code" }
    dictations_lost    = { message = "dictation given up", labels = ["code"], help = "Live dictations that did not become an entry, by the last refusal" }
    webhook_failures   = { message = "webhook", labels = ["name"], only = "jsonPayload.outcome=\"failed\"", help = "Webhook calls that an integrator did not accept" }
  }

  distributions = {
    request_ms    = { message = "request", value = "duration_ms", labels = ["route", "status"], unit = "ms", help = "Request duration measured by the service, without the wait for an instance" }
    stage_ms      = { message = "delivery", value = "duration_ms", labels = ["stage", "verdict"], unit = "ms", help = "Processing time of one delivery" }
    insight_ms    = { message = "insight", value = "duration_ms", labels = ["source"], unit = "ms", help = "Time from a complete recording or text to its insight" }
    cold_start_ms = { message = "cold start", value = "duration_ms", labels = ["target"], unit = "ms", help = "Time from process start to first response" }
    woken         = { message = "reconciled", value = "woken", labels = [], unit = "1", help = "Stalled entries restarted by one reconciler run" }
  }

  # Metric types for filters. The references make Terraform create each metric before anything that uses it.
  metric = {
    for name, metric in merge(google_logging_metric.counter, google_logging_metric.distribution) :
    name => "metric.type=\"logging.googleapis.com/user/${metric.name}\" resource.type=\"cloud_run_revision\""
  }
}

resource "google_logging_metric" "counter" {
  for_each = local.counters

  project     = var.project
  name        = "samo/${each.key}"
  description = each.value.help
  filter = join(" AND ", compact([
    "resource.type=\"cloud_run_revision\"",
    "jsonPayload.message=\"${each.value.message}\"",
    try(each.value.only, ""),
  ]))
  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }
}

resource "google_logging_metric" "distribution" {
  for_each = local.distributions

  project     = var.project
  name        = "samo/${each.key}"
  description = each.value.help
  filter = join(" AND ", [
    "resource.type=\"cloud_run_revision\"",
    "jsonPayload.message=\"${each.value.message}\"",
  ])
  value_extractor  = "EXTRACT(jsonPayload.${each.value.value})"
  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  # 1 to 6,900,000 (two hours in ms), each bound 30% above the previous one.
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 60
      growth_factor      = 1.3
      scale              = 1
    }
  }
}
