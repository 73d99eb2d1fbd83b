locals {
  # `timed` services have a latency objective.
  public = [for name, service in var.services : name if !service.event]
  timed  = [for name in local.public : name if !var.services[name].live]
  events = [for name, service in var.services : name if service.event]

  requests = {
    for name in keys(var.services) : name => join(" ", [
      "metric.type=\"run.googleapis.com/request_count\"",
      "resource.type=\"cloud_run_revision\"",
      "resource.labels.service_name=\"${name}\"",
    ])
  }

  objectives = merge(
    { for name, slo in google_monitoring_slo.availability : "${name} availability" => slo.name },
    { for name, slo in google_monitoring_slo.latency : "${name} latency" => slo.name },
    { "insight freshness" = google_monitoring_slo.freshness.name },
  )
}

resource "google_monitoring_custom_service" "public" {
  for_each = toset(local.public)

  project      = var.project
  service_id   = "samo-${each.key}"
  display_name = "SAMO ${each.key} (${var.environment})"
}

resource "google_monitoring_custom_service" "insights" {
  project      = var.project
  service_id   = "samo-insights"
  display_name = "SAMO insights (${var.environment})"
}

resource "google_monitoring_slo" "availability" {
  for_each = toset(local.public)

  project             = var.project
  service             = google_monitoring_custom_service.public[each.key].service_id
  slo_id              = "availability"
  display_name        = "${each.key}: answered without a server error"
  goal                = var.slo.availability
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      bad_service_filter   = "${local.requests[each.key]} metric.labels.response_code_class=\"5xx\""
      total_service_filter = local.requests[each.key]
    }
  }
}

resource "google_monitoring_slo" "latency" {
  for_each = toset(local.timed)

  project             = var.project
  service             = google_monitoring_custom_service.public[each.key].service_id
  slo_id              = "latency"
  display_name        = "${each.key}: answered within ${var.slo.latency_ms[each.key]} ms"
  goal                = var.slo.latency
  rolling_period_days = 28

  # Not Cloud Run's own latency, which for an event stream is as long as the client stays connected.
  request_based_sli {
    distribution_cut {
      distribution_filter = "${local.metric.request_ms} resource.labels.service_name=\"${each.key}\""
      range {
        max = var.slo.latency_ms[each.key]
      }
    }
  }
}

resource "google_monitoring_slo" "freshness" {
  project             = var.project
  service             = google_monitoring_custom_service.insights.service_id
  slo_id              = "freshness"
  display_name        = "A voice note has its insight within ${var.slo.freshness_ms / 1000} s"
  goal                = var.slo.freshness
  rolling_period_days = 28

  request_based_sli {
    distribution_cut {
      distribution_filter = "${local.metric.insight_ms} metric.labels.source=\"voice\""
      range {
        max = var.slo.freshness_ms
      }
    }
  }
}
