# Two windows each, so that an alert fires and resolves promptly; rates from
# https://sre.google/workbook/alerting-on-slos/ (2% of the 28-day budget in one hour, 5% in six).
locals {
  burns = {
    fast = { rate = 13.4, windows = ["3600s", "300s"], severity = "CRITICAL" }
    slow = { rate = 5.6, windows = ["21600s", "1800s"], severity = "ERROR" }
  }

  burn_alerts = {
    for pair in setproduct(keys(local.burns), keys(local.objectives)) :
    "${pair[0]} ${pair[1]}" => merge(local.burns[pair[0]], { speed = pair[0], objective = pair[1] })
  }
}

resource "google_monitoring_alert_policy" "burn" {
  for_each = local.burn_alerts

  project               = var.project
  display_name          = "SAMO ${var.environment}: ${each.value.objective}, error budget burns ${each.value.speed}"
  combiner              = "AND"
  severity              = each.value.severity
  notification_channels = local.channels

  dynamic "conditions" {
    for_each = each.value.windows
    content {
      display_name = "Burn rate over ${conditions.value}"
      condition_threshold {
        filter          = "select_slo_burn_rate(\"${local.objectives[each.value.objective]}\", \"${conditions.value}\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.rate
        duration        = "0s"
      }
    }
  }

  documentation {
    content   = "At this rate, the 28-day error budget lasts ${each.value.speed == "fast" ? "two" : "five"} days. ${local.runbook["error-budget"]}"
    mime_type = "text/markdown"
  }
}
