# Each alert is keyed by the anchor of its section in docs/runbook.md.
locals {
  service = "resource.labels.service_name"
  run     = "resource.type=\"cloud_run_revision\""
  calls = {
    for kind, names in { public = local.public, event = local.events } : kind =>
    "metric.type=\"run.googleapis.com/request_count\" ${local.run} ${local.service}=one_of(\"${join("\",\"", names)}\")"
  }

  # Error codes that only SAMO itself can cause.
  own_failures = "monitoring.regex.full_match(\"audio_gone|chunk_unknown|crashed|engine_unavailable|retries_exhausted|transcript_missing\")"

  alerts = merge(
    {
      "high-latency" = {
        title    = "responses are slow"
        severity = "WARNING"
        summary  = "The 95th percentile latency of a public service has been above its objective for ten minutes."
        conditions = {
          for name in local.timed : "p95 of ${name} above ${var.slo.latency_ms[name]} ms" => {
            filter  = "${local.metric.request_ms} ${local.service}=\"${name}\""
            aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", by = ["resource.label.service_name"]
            above   = var.slo.latency_ms[name], window_s = 300, lasting_s = 600
          }
        }
      }

      "server-errors" = {
        title    = "requests fail"
        severity = "CRITICAL"
        summary  = "More than ${var.thresholds.server_error_share * 100}% of a public service's responses are server errors. Event services are excluded: there, 503 only requests redelivery."
        conditions = {
          "share of 5xx" = {
            filter  = "${local.calls.public} metric.labels.response_code_class=\"5xx\""
            of      = local.calls.public
            aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["resource.label.service_name"]
            above   = var.thresholds.server_error_share, window_s = 300, lasting_s = 300
          }
        }
      }

      "refused-callers" = {
        title    = "an event service refuses its callers"
        severity = "ERROR"
        summary  = "An event service received calls without a valid token (401, 403): from an unknown caller, or from Pub/Sub or Cloud Scheduler with the wrong permissions."
        conditions = {
          "401 and 403" = {
            filter  = "${local.calls.event} metric.labels.response_code=one_of(\"401\",\"403\")"
            aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["resource.label.service_name"]
            above   = 0, window_s = 300, lasting_s = 0
          }
        }
      }

      "stale-messages" = {
        title    = "events wait too long"
        severity = "ERROR"
        summary  = "A subscription's oldest message has been waiting for more than ${var.thresholds.oldest_message_s / 60} minutes."
        conditions = {
          "oldest unacknowledged message" = {
            filter  = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" resource.type=\"pubsub_subscription\" resource.labels.subscription_id=one_of(\"${join("\",\"", var.subscriptions)}\")"
            aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.subscription_id"]
            above   = var.thresholds.oldest_message_s, window_s = 60, lasting_s = 300
          }
        }
      }

      "dead-letters" = {
        title    = "there are dead letters"
        severity = "ERROR"
        summary  = "Events exhausted their delivery attempts; their entries have the error `retries_exhausted`."
        conditions = {
          "unhandled dead letters" = {
            filter  = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" resource.type=\"pubsub_subscription\" resource.labels.subscription_id=\"${var.dead_letter_subscription}\""
            aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = []
            above   = 0, window_s = 60, lasting_s = 300
          }
        }
      }

      "failed-entries" = {
        title    = "entries fail because of SAMO"
        severity = "ERROR"
        summary  = "A stage failed for a reason that is SAMO's, not the recording's or the client's."
        conditions = {
          "internal failures" = {
            filter  = "${local.metric.entries_failed} metric.labels.code=${local.own_failures}"
            aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.stage", "metric.label.code"]
            above   = 0, window_s = 300, lasting_s = 0
          }
        }
      }

      "lost-dictations" = {
        title    = "dictations are lost"
        severity = "ERROR"
        summary  = "A dictation did not become an entry: the journal refused it, or stayed unreachable through all retries."
        conditions = {
          "abandoned dictations" = {
            filter  = local.metric.dictations_lost
            aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.code"]
            above   = 0, window_s = 300, lasting_s = 0
          }
        }
      }

      "unusable-recordings" = {
        title    = "many recordings cannot be used"
        severity = "WARNING"
        summary  = "More than ${var.thresholds.unusable_recordings_hour} recordings in an hour could not be decoded, were too long or never arrived. The cause is often a new client version."
        conditions = {
          "failures caused by recordings" = {
            filter  = "${local.metric.entries_failed} metric.labels.code!=${local.own_failures}"
            aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.code"]
            above   = var.thresholds.unusable_recordings_hour, window_s = 3600, lasting_s = 0
          }
        }
      }

      "slow-cold-starts" = {
        title    = "new instances start slowly"
        severity = "WARNING"
        summary  = "The 95th percentile of cold starts has been above ${var.thresholds.cold_start_ms / 1000} s for half an hour."
        conditions = {
          "p95 of cold starts" = {
            filter  = local.metric.cold_start_ms
            aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", by = ["resource.label.service_name"]
            above   = var.thresholds.cold_start_ms, window_s = 900, lasting_s = 1800
          }
        }
      }

      "spending-ceiling" = {
        title    = "a speech service runs at its maximum number of instances"
        severity = "ERROR"
        summary  = "No further instance will start: recordings wait, or no more users can dictate. The maximum caps spending."
        conditions = {
          for name, service in var.services : "${name} runs all of its ${service.max_instances} instances" => {
            filter  = "metric.type=\"run.googleapis.com/container/instance_count\" ${local.run} ${local.service}=\"${name}\" metric.labels.state=\"active\""
            aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.label.service_name"]
            above   = service.max_instances - 1, window_s = 60, lasting_s = 600
          } if service.costly
        }
      }

      "empty-insights" = {
        title    = "many insights are empty"
        severity = "WARNING"
        summary  = "Over six hours, more than ${var.thresholds.empty_insight_share * 100}% of the insights are empty (no speech, no words, another language): users' input has changed, or a model has."
        conditions = {
          "share of empty insights" = {
            filter  = local.metric.empty_insights
            of      = local.metric.insights
            aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = []
            above   = var.thresholds.empty_insight_share, window_s = 21600, lasting_s = 0
          }
        }
      }

      "failing-webhooks" = {
        title    = "an integrator does not accept webhooks"
        severity = "WARNING"
        summary  = "More than ${var.thresholds.webhook_failures_per_hour} calls to one integrator failed within an hour."
        conditions = {
          "failed calls" = {
            filter  = local.metric.webhook_failures
            aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.name"]
            above   = var.thresholds.webhook_failures_per_hour, window_s = 3600, lasting_s = 0
          }
        }
      }
    },

    { for check in google_monitoring_uptime_check_config.health : "unreachable" => {
      title    = "the public address does not respond"
      severity = "CRITICAL"
      summary  = "https://${var.public_host}/health has failed from at least two locations for five minutes."
      conditions = {
        "failed checks" = {
          filter  = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" resource.type=\"uptime_url\" metric.labels.check_id=\"${check.uptime_check_id}\""
          aligner = "ALIGN_NEXT_OLDER", reducer = "REDUCE_COUNT_FALSE", by = ["resource.label.host"]
          above   = 1, window_s = 300, lasting_s = 300
        }
      }
    } },
  )

  # PromQL alone can query the sum of a distribution, and absence.
  reconciler = "logging_googleapis_com:user_samo_woken"
  queries = {
    "reconciler-busy" = {
      title    = "the reconciler restarts many entries"
      severity = "ERROR"
      summary  = "More than ${var.thresholds.woken_quarter_hour} stalled entries were restarted within 15 minutes: events are lost or workers crash."
      query    = "sum(increase(${local.reconciler}_sum{monitored_resource=\"cloud_run_revision\"}[15m])) > ${var.thresholds.woken_quarter_hour}"
    }
    "reconciler-silent" = {
      title    = "the reconciler does not run"
      severity = "CRITICAL"
      summary  = "It should run every minute and has not finished for ten minutes: entries that stall now stay stalled."
      query    = "absent_over_time(${local.reconciler}_count{monitored_resource=\"cloud_run_revision\"}[10m])"
    }
  }

  anchors  = toset(concat(["error-budget"], keys(local.alerts), keys(local.queries)))
  runbook  = { for anchor in local.anchors : anchor => "What to do: ${var.runbook_url}#${anchor}" }
  channels = [for channel in google_monitoring_notification_channel.email : channel.name]
}
