resource "google_monitoring_notification_channel" "email" {
  for_each = toset(var.notification_emails)

  project      = var.project
  display_name = "SAMO ${var.environment}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
}

resource "google_monitoring_uptime_check_config" "health" {
  count = var.public_host == "" ? 0 : 1

  project      = var.project
  display_name = "SAMO ${var.environment}: /health"
  timeout      = "10s"
  period       = "60s"

  http_check {
    path         = "/health"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project, host = var.public_host }
  }
}

resource "google_monitoring_alert_policy" "threshold" {
  for_each = local.alerts

  project               = var.project
  display_name          = "SAMO ${var.environment}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  dynamic "conditions" {
    for_each = each.value.conditions
    content {
      display_name = conditions.key
      condition_threshold {
        filter             = conditions.value.filter
        denominator_filter = try(conditions.value.of, null)
        comparison         = "COMPARISON_GT"
        threshold_value    = conditions.value.above
        duration           = "${conditions.value.lasting_s}s"

        aggregations {
          alignment_period     = "${conditions.value.window_s}s"
          per_series_aligner   = conditions.value.aligner
          cross_series_reducer = conditions.value.reducer
          group_by_fields      = conditions.value.by
        }

        dynamic "denominator_aggregations" {
          for_each = can(conditions.value.of) ? [1] : []
          content {
            alignment_period     = "${conditions.value.window_s}s"
            per_series_aligner   = conditions.value.aligner
            cross_series_reducer = conditions.value.reducer
            group_by_fields      = conditions.value.by
          }
        }
      }
    }
  }

  documentation {
    content   = "${each.value.summary} ${local.runbook[each.key]}"
    mime_type = "text/markdown"
  }
}

resource "google_monitoring_alert_policy" "query" {
  for_each = local.queries

  project               = var.project
  display_name          = "SAMO ${var.environment}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels

  conditions {
    display_name = each.value.title
    condition_prometheus_query_language {
      query               = each.value.query
      duration            = "0s"
      evaluation_interval = "60s"
    }
  }

  # PromQL names the metric differently, so Terraform cannot infer that it must exist first.
  depends_on = [google_logging_metric.distribution]

  documentation {
    content   = "${each.value.summary} ${local.runbook[each.key]}"
    mime_type = "text/markdown"
  }
}
