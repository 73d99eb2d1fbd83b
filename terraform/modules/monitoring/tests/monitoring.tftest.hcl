mock_provider "google" {}

variables {
  project     = "samo-test"
  region      = "europe-west4"
  environment = "staging"
  public_host = "api.example.org"
  services = {
    transcription        = { event = false, costly = true, max_instances = 5 }
    dictation            = { event = false, live = true, costly = true, max_instances = 3 }
    emotion              = { event = false, max_instances = 10 }
    summarization        = { event = false, max_instances = 10 }
    journal              = { event = false, max_instances = 10 }
    transcription-events = { event = true, costly = true, max_instances = 20 }
    emotion-events       = { event = true, max_instances = 10 }
    summarization-events = { event = true, max_instances = 10 }
    journal-events       = { event = true, max_instances = 4 }
  }
  subscriptions            = ["transcription", "emotion", "summarization", "uploads", "dead-letters", "webhook-partner"]
  dead_letter_subscription = "dead-letters-inspection"
  notification_emails      = ["oncall@example.org", "second@example.org"]
  runbook_url              = "https://example.org/runbook.md"
}

run "alerts" {
  assert {
    condition = toset(keys(google_monitoring_alert_policy.threshold)) == toset([
      "dead-letters", "empty-insights", "failed-entries", "failing-webhooks", "high-latency", "lost-dictations",
      "refused-callers", "server-errors", "slow-cold-starts", "spending-ceiling", "stale-messages", "unreachable", "unusable-recordings",
    ])
    error_message = "Alert policies: unexpected."
  }

  assert {
    condition     = toset(keys(google_monitoring_alert_policy.query)) == toset(["reconciler-busy", "reconciler-silent"])
    error_message = "There must be alerts for a busy and for a silent reconciler."
  }

  assert {
    condition = alltrue([
      for key, alert in merge(google_monitoring_alert_policy.threshold, google_monitoring_alert_policy.query) :
      endswith(alert.documentation[0].content, "${var.runbook_url}#${key}")
    ])
    error_message = "Every alert must end with a link to its section of the runbook."
  }

  assert {
    condition = alltrue([
      for alert in google_monitoring_alert_policy.burn :
      endswith(alert.documentation[0].content, "${var.runbook_url}#error-budget")
    ])
    error_message = "Every burn alert must link to the runbook."
  }

  assert {
    condition = length(setsubtract(output.runbook_anchors, [
      for heading in regexall("(?m)^## (.+)$", file("${path.module}/../../../docs/runbook.md")) :
      replace(lower(heading[0]), " ", "-")
    ])) == 0
    error_message = "docs/runbook.md lacks the sections: ${join(", ", setsubtract(output.runbook_anchors, [for heading in regexall("(?m)^## (.+)$", file("${path.module}/../../../docs/runbook.md")) : replace(lower(heading[0]), " ", "-")]))}"
  }

  assert {
    condition = alltrue([
      for alert in concat(
        values(google_monitoring_alert_policy.threshold),
        values(google_monitoring_alert_policy.query),
        values(google_monitoring_alert_policy.burn),
      ) : length(alert.notification_channels) == 2 && length(alert.conditions) > 0 && length(alert.conditions) <= 6
    ])
    error_message = "Every alert must notify all recipients and have one to six conditions (a limit of Cloud Monitoring)."
  }
}

run "thresholds" {
  assert {
    condition     = strcontains(google_monitoring_alert_policy.threshold["stale-messages"].conditions[0].condition_threshold[0].filter, "one_of(\"transcription\",\"emotion\",\"summarization\",\"uploads\",\"dead-letters\",\"webhook-partner\")")
    error_message = "The alert must watch the oldest message of every push subscription."
  }

  assert {
    # The longest backoff is 600 s: a message that is only waiting for its next attempt is not a problem yet.
    condition     = google_monitoring_alert_policy.threshold["stale-messages"].conditions[0].condition_threshold[0].threshold_value > 600
    error_message = "A message in backoff must not raise an alert."
  }

  assert {
    condition = {
      for condition in google_monitoring_alert_policy.threshold["spending-ceiling"].conditions :
      condition.display_name => condition.condition_threshold[0].threshold_value
      } == {
      "transcription runs all of its 5 instances"         = 4
      "transcription-events runs all of its 20 instances" = 19
      "dictation runs all of its 3 instances"             = 2
    }
    error_message = "Expensive services must raise an alert when all of their instances are active."
  }

  assert {
    condition = alltrue([
      for key in ["dead-letters", "failed-entries", "lost-dictations", "refused-callers"] :
      google_monitoring_alert_policy.threshold[key].conditions[0].condition_threshold[0].threshold_value == 0
    ])
    error_message = "The roles of bootstrap have changed."
  }

  assert {
    condition = (
      strcontains(google_monitoring_alert_policy.threshold["refused-callers"].conditions[0].condition_threshold[0].filter, "emotion-events") &&
      !strcontains(google_monitoring_alert_policy.threshold["refused-callers"].conditions[0].condition_threshold[0].filter, "\"emotion\"") &&
      !strcontains(google_monitoring_alert_policy.threshold["server-errors"].conditions[0].condition_threshold[0].filter, "-events") &&
      strcontains(google_monitoring_alert_policy.threshold["server-errors"].conditions[0].condition_threshold[0].filter, "\"dictation\"")
    )
    error_message = "Refused callers must be counted on event services, server errors on public ones."
  }

  assert {
    condition = alltrue([
      for key in ["server-errors", "empty-insights"] :
      google_monitoring_alert_policy.threshold[key].conditions[0].condition_threshold[0].denominator_filter != null &&
      length(google_monitoring_alert_policy.threshold[key].conditions[0].condition_threshold[0].denominator_aggregations) == 1
    ])
    error_message = "Conditions on shares must have a denominator."
  }

  assert {
    condition     = google_monitoring_alert_policy.threshold["dead-letters"].conditions[0].condition_threshold[0].filter == "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" resource.type=\"pubsub_subscription\" resource.labels.subscription_id=\"dead-letters-inspection\""
    error_message = "The alert on dead letters must watch the operators' subscription."
  }
}

run "conditions" {
  assert {
    condition = jsonencode({
      for key, alert in google_monitoring_alert_policy.threshold : key =>
      distinct([for condition in alert.conditions : "${condition.condition_threshold[0].aggregations[0].alignment_period} for ${condition.condition_threshold[0].duration}"])
      }) == jsonencode({
      dead-letters        = ["60s for 300s"]
      empty-insights      = ["21600s for 0s"]
      failed-entries      = ["300s for 0s"]
      failing-webhooks    = ["3600s for 0s"]
      high-latency        = ["300s for 600s"]
      lost-dictations     = ["300s for 0s"]
      refused-callers     = ["300s for 0s"]
      server-errors       = ["300s for 300s"]
      slow-cold-starts    = ["900s for 1800s"]
      spending-ceiling    = ["60s for 600s"]
      stale-messages      = ["60s for 300s"]
      unreachable         = ["300s for 300s"]
      unusable-recordings = ["3600s for 0s"]
    })
    error_message = "Alert windows and durations."
  }

  assert {
    condition     = var.slo.latency_ms == tomap({ journal = 1000, emotion = 500, summarization = 1000, transcription = 30000 })
    error_message = "Latency objectives: defaults."
  }

  assert {
    condition = alltrue(flatten([
      for alert in merge(google_monitoring_alert_policy.threshold, google_monitoring_alert_policy.burn) :
      [for condition in alert.conditions : condition.condition_threshold[0].comparison == "COMPARISON_GT"]
    ]))
    error_message = "All thresholds must compare with greater-than."
  }

  assert {
    condition = (
      strcontains(google_monitoring_alert_policy.threshold["failed-entries"].conditions[0].condition_threshold[0].filter, "metric.labels.code=monitoring") &&
      strcontains(google_monitoring_alert_policy.threshold["unusable-recordings"].conditions[0].condition_threshold[0].filter, "metric.labels.code!=monitoring")
    )
    error_message = "Each error code must count as internal or as the recording's, not both."
  }

  assert {
    condition     = startswith(google_monitoring_alert_policy.query["reconciler-silent"].conditions[0].condition_prometheus_query_language[0].query, "absent_over_time(")
    error_message = "The alert must fire when the metric is absent."
  }

  assert {
    condition     = google_monitoring_alert_policy.threshold["unreachable"].conditions[0].condition_threshold[0].aggregations[0].cross_series_reducer == "REDUCE_COUNT_FALSE"
    error_message = "The alert must count failed checks."
  }
}

run "objectives" {
  assert {
    condition = alltrue([
      for name, slo in google_monitoring_slo.availability :
      slo.goal == var.slo.availability &&
      endswith(slo.request_based_sli[0].good_total_ratio[0].bad_service_filter, "response_code_class=\"5xx\"")
    ])
    error_message = "The availability objective must count 5xx as bad."
  }

  assert {
    condition = (
      google_monitoring_slo.freshness.goal == var.slo.freshness &&
      google_monitoring_slo.freshness.request_based_sli[0].distribution_cut[0].range[0].max == var.slo.freshness_ms
    )
    error_message = "Freshness must use the objective's time."
  }

  assert {
    condition = (
      join(" ", keys(google_monitoring_slo.availability)) == "dictation emotion journal summarization transcription" &&
      join(" ", keys(google_monitoring_slo.latency)) == "emotion journal summarization transcription"
    )
    error_message = "Public services must have both objectives, dictation only availability, event services none."
  }

  assert {
    condition     = toset([for condition in google_monitoring_alert_policy.threshold["high-latency"].conditions : split(" ", condition.display_name)[2]]) == toset(["emotion", "journal", "summarization", "transcription"])
    error_message = "A long dictation must not raise a latency alert."
  }

  assert {
    condition = alltrue([
      for name, slo in google_monitoring_slo.latency :
      slo.request_based_sli[0].distribution_cut[0].range[0].max == var.slo.latency_ms[name] &&
      strcontains(slo.request_based_sli[0].distribution_cut[0].distribution_filter, "service_name=\"${name}\"")
    ])
    error_message = "Each latency objective must be measured on its own service's requests."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.burn) == 2 * (5 + 4 + 1)
    error_message = "Each objective must have a fast and a slow burn alert."
  }

  assert {
    condition = alltrue([
      for alert in google_monitoring_alert_policy.burn :
      alert.combiner == "AND" && length(alert.conditions) == 2
    ])
    error_message = "A burn alert must require both its long and its short window."
  }

  assert {
    condition = alltrue(flatten([
      for key, alert in google_monitoring_alert_policy.burn : [
        for condition in alert.conditions :
        condition.condition_threshold[0].filter == "select_slo_burn_rate(\"${local.objectives[substr(key, 5, -1)]}\", \"${trimprefix(condition.display_name, "Burn rate over ")}\")"
      ]
    ]))
    error_message = "Each burn alert must select its own objective and window."
  }

  assert {
    condition     = alltrue([for slo in concat(values(google_monitoring_slo.availability), values(google_monitoring_slo.latency), [google_monitoring_slo.freshness]) : slo.rolling_period_days == 28])
    error_message = "All objectives must cover 28 days, on which the burn rates are based."
  }

  assert {
    condition = alltrue(flatten([
      for key, alert in google_monitoring_alert_policy.burn : [
        for condition in alert.conditions : condition.condition_threshold[0].threshold_value == (startswith(key, "fast") ? 13.4 : 5.6)
      ]
    ]))
    error_message = "2% of 28 days' budget in an hour is a rate of 13.4; 5% in six hours is 5.6."
  }
}

run "metrics" {
  assert {
    condition = (
      endswith(google_logging_metric.counter["empty_insights"].filter, "jsonPayload.empty=~\".\"") &&
      endswith(google_logging_metric.counter["webhook_failures"].filter, "jsonPayload.outcome=\"failed\"")
    )
    error_message = "Filters of empty insights and failed webhooks: unexpected."
  }

  assert {
    condition = alltrue([
      for metric in merge(google_logging_metric.counter, google_logging_metric.distribution) :
      startswith(metric.filter, "resource.type=\"cloud_run_revision\" AND jsonPayload.message=\"")
    ])
    error_message = "Every metric must filter on a log message."
  }

  assert {
    condition = alltrue([
      for metric in merge(google_logging_metric.counter, google_logging_metric.distribution) :
      join(" ", keys(metric.label_extractors)) == join(" ", sort([for label in metric.metric_descriptor[0].labels : label.key]))
    ])
    error_message = "Every label must be declared and extracted."
  }

  assert {
    condition = alltrue([
      for metric in google_logging_metric.distribution :
      metric.metric_descriptor[0].value_type == "DISTRIBUTION" && startswith(metric.value_extractor, "EXTRACT(jsonPayload.")
    ])
    error_message = "Every distribution must extract its value."
  }

  assert {
    condition = length(setintersection(
      flatten([for metric in merge(google_logging_metric.counter, google_logging_metric.distribution) : keys(metric.label_extractors)]),
      ["entry", "request_id", "actor", "uid"],
    )) == 0
    error_message = "No metric label may be an id."
  }
}

run "dashboard" {
  assert {
    condition = alltrue([
      for tile in jsondecode(google_monitoring_dashboard.samo.dashboard_json).mosaicLayout.tiles :
      length(tile.widget.xyChart.dataSets[0].timeSeriesQuery.timeSeriesFilter.filter) > 0
    ])
    error_message = "Every chart must have a filter."
  }

  assert {
    condition = alltrue([
      for tile in jsondecode(google_monitoring_dashboard.samo.dashboard_json).mosaicLayout.tiles :
      tile.xPos + tile.width <= jsondecode(google_monitoring_dashboard.samo.dashboard_json).mosaicLayout.columns
    ])
    error_message = "Charts must lie within the dashboard's columns."
  }

  assert {
    condition = length(distinct([
      for tile in jsondecode(google_monitoring_dashboard.samo.dashboard_json).mosaicLayout.tiles : "${tile.xPos} ${tile.yPos}"
    ])) == 18
    error_message = "There must be eighteen charts at different positions."
  }
}

run "without_a_public_address" {
  variables {
    public_host = ""
  }

  assert {
    condition     = length(google_monitoring_uptime_check_config.health) == 0 && !contains(keys(google_monitoring_alert_policy.threshold), "unreachable")
    error_message = "There must be no uptime check without a public host."
  }
}

run "with_a_public_address" {
  assert {
    condition = (
      google_monitoring_uptime_check_config.health[0].http_check[0].path == "/health" &&
      google_monitoring_uptime_check_config.health[0].http_check[0].use_ssl &&
      google_monitoring_uptime_check_config.health[0].http_check[0].validate_ssl &&
      google_monitoring_uptime_check_config.health[0].monitored_resource[0].labels.host == "api.example.org"
    )
    error_message = "The uptime check must call /health over TLS."
  }
}

run "an_objective_without_an_error_budget" {
  command = plan
  variables {
    slo = { availability = 1 }
  }
  expect_failures = [var.slo]
}

run "a_public_service_without_an_objective" {
  command = plan
  variables {
    slo = { latency_ms = { journal = 1000 } }
  }
  expect_failures = [var.slo]
}
