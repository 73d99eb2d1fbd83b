# Rows of three charts: user-visible symptoms, stages, queues, infrastructure.
locals {
  message_age = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" resource.type=\"pubsub_subscription\""
  undelivered = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" resource.type=\"pubsub_subscription\""
  instances   = "metric.type=\"run.googleapis.com/container/instance_count\" ${local.run}"
  by_service  = ["resource.label.service_name"]
  by_queue    = ["resource.label.subscription_id"]

  rates       = { aligner = "ALIGN_RATE", reducer = "REDUCE_SUM" }
  counts      = { aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM" }
  percentiles = { aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95" }
  highest     = { aligner = "ALIGN_MAX", reducer = "REDUCE_SUM" }

  charts = [
    merge(local.rates, { title = "Public requests per second, by status", filter = local.calls.public, by = ["metric.label.response_code_class"] }),
    merge(local.percentiles, { title = "Response time, p95 in ms", filter = local.metric.request_ms, by = local.by_service }),
    merge(local.percentiles, { title = "Recording or text to insight, p95 in ms", filter = local.metric.insight_ms, by = ["metric.label.source"], above = var.slo.freshness_ms }),

    merge(local.counts, { title = "Deliveries by stage and outcome", filter = local.metric.stage_outcomes, by = ["metric.label.stage", "metric.label.verdict"] }),
    merge(local.percentiles, { title = "Processing time per delivery, p95 in ms", filter = local.metric.stage_ms, by = ["metric.label.stage"] }),
    merge(local.counts, { title = "Entries failed, by stage and code", filter = local.metric.entries_failed, by = ["metric.label.stage", "metric.label.code"] }),

    merge(local.highest, { title = "Oldest message, s", filter = local.message_age, by = local.by_queue, above = var.thresholds.oldest_message_s }),
    merge(local.highest, { title = "Messages waiting", filter = local.undelivered, by = local.by_queue }),
    merge(local.counts, { title = "Dead letters, by event", filter = local.metric.dead_letters, by = ["metric.label.type"] }),

    merge(local.highest, { title = "Instances", filter = local.instances, by = local.by_service }),
    merge(local.percentiles, { title = "Cold starts, p95 in ms", filter = local.metric.cold_start_ms, by = local.by_service, above = var.thresholds.cold_start_ms }),
    merge(local.percentiles, { title = "Entries restarted per reconciler run, p95", filter = local.metric.woken, by = [] }),

    merge(local.counts, { title = "Dictations, by how they ended", filter = local.metric.dictations, by = ["metric.label.end"] }),
    merge(local.counts, { title = "Dictation connections refused, by code", filter = local.metric.dictations_refused, by = ["metric.label.code"] }),
    merge(local.counts, { title = "Dictations lost, by code", filter = local.metric.dictations_lost, by = ["metric.label.code"] }),

    merge(local.counts, { title = "Empty insights, by reason", filter = local.metric.empty_insights, by = ["metric.label.empty"] }),
    merge(local.counts, { title = "Failed webhooks", filter = local.metric.webhook_failures, by = ["metric.label.name"] }),
    merge(local.counts, { title = "Event services: calls by status", filter = local.calls.event, by = ["metric.label.response_code"] }),
  ]

  columns = 3
  width   = 16
  height  = 14
}

resource "google_monitoring_dashboard" "samo" {
  project = var.project

  dashboard_json = jsonencode({
    displayName = "SAMO ${var.environment} (${var.region})"
    mosaicLayout = {
      columns = local.columns * local.width
      tiles = [
        for place, chart in local.charts : {
          xPos   = place % local.columns * local.width
          yPos   = floor(place / local.columns) * local.height
          width  = local.width
          height = local.height
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = chart.filter
                    aggregation = {
                      alignmentPeriod    = "300s"
                      perSeriesAligner   = chart.aligner
                      crossSeriesReducer = chart.reducer
                      groupByFields      = chart.by
                    }
                  }
                }
              }]
              thresholds = [for value in try([chart.above], []) : { value = value }]
            }
          }
        }
      ]
    }
  })
}
