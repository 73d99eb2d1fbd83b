# The whole of SAMO: how the modules fit together.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "42" }
  }
}

override_resource {
  target = module.pipeline.google_service_account.push
  values = { email = "samo-push@p.iam.gserviceaccount.com" }
}
override_resource {
  target = module.data.google_project_iam_custom_role.listener
  values = { name = "projects/p/roles/samoListener" }
}
override_resource {
  target = module.service["transcription-events"].google_cloud_run_v2_service.this
  values = { uri = "https://transcription-events.run.app" }
}
override_resource {
  target = module.service["emotion-events"].google_cloud_run_v2_service.this
  values = { uri = "https://emotion-events.run.app" }
}
override_resource {
  target = module.service["summarization-events"].google_cloud_run_v2_service.this
  values = { uri = "https://summarization-events.run.app" }
}
override_resource {
  target = module.service["journal-events"].google_cloud_run_v2_service.this
  values = { uri = "https://journal-events.run.app", latest_ready_revision = "journal-events-00007-abc" }
}
override_resource {
  target = module.edge.google_compute_global_address.this
  values = { address = "203.0.113.1" }
}

variables {
  environment   = "staging"
  max_instances = { transcription = 3, transcription-events = 5, dictation = 2 }
  min_instances = { journal = 1 }
  images = {
    transcription = "europe-west1-docker.pkg.dev/p/samo/transcription@sha256:1111111111111111111111111111111111111111111111111111111111111111"
    emotion       = "europe-west1-docker.pkg.dev/p/samo/emotion@sha256:2222222222222222222222222222222222222222222222222222222222222222"
    summarization = "europe-west1-docker.pkg.dev/p/samo/summarization@sha256:3333333333333333333333333333333333333333333333333333333333333333"
    journal       = "europe-west1-docker.pkg.dev/p/samo/journal@sha256:4444444444444444444444444444444444444444444444444444444444444444"
  }
  deployment = {
    project             = "p"
    region              = "europe-west1"
    domain              = "journal.example.org"
    auth_issuer         = "https://securetoken.google.com/p"
    auth_audience       = "p"
    deployer            = "samo-apply@p.iam.gserviceaccount.com"
    runbook_url         = "https://example.org/runbook.md"
    notification_emails = ["oncall@example.org"]
    webhooks            = { names = ["coach"], version = "3" }
    budget              = { billing_account = "0-0-0", amount = 200, currency = "EUR" }
  }
}

# A single run, because each run creates everything again.
run "the_modules_fit_together" {
  # -- ingress
  assert {
    condition = { for name, one in output.services : name => "${one.ingress} ${join(",", one.invokers)}" } == merge(
      { for name in ["transcription", "emotion", "summarization", "journal", "dictation"] : name => "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER " },
      { for name in ["transcription", "emotion", "summarization", "journal"] : "${name}-events" => "INGRESS_TRAFFIC_INTERNAL_ONLY serviceAccount:samo-push@p.iam.gserviceaccount.com" },
    )
    error_message = "Ingress and invokers: ${jsonencode({ for name, one in output.services : name => [one.ingress, one.invokers] })}"
  }
  assert {
    condition     = toset(module.edge.services) == toset(["transcription", "emotion", "summarization", "journal", "dictation"])
    error_message = "The load balancer must lead to public services only."
  }
  assert {
    condition = output.routes == {
      "*"             = "journal", "/predict" = "emotion", "/predict/*" = "emotion", "/predict_batch" = "emotion",
      "/summarize"    = "summarization", "/summarize/*" = "summarization", "/transcribe" = "transcription", "/transcribe/*" = "transcription", "/transcribe/batch" = "journal",
      "/v1/audio/*"   = "transcription", "/v1/models" = "transcription", "/v1/models/*" = "transcription",
      "/v1/dictation" = "dictation"
    }
    error_message = "Paths: ${jsonencode(output.routes)}"
  }

  # -- the ladder holds
  assert {
    condition     = jsonencode(output.ladder) == jsonencode({ work_budget_s = [480], request_timeout_s = [540], lease_s = [570], ack_deadline_s = [600] })
    error_message = "480 < 540 < 570 < 600: ${jsonencode(output.ladder)}"
  }
  assert {
    condition     = alltrue([for name, one in output.services : one.timeout == (name == "dictation" ? "3600s" : "540s")])
    error_message = "Timeouts must be an hour for dictation, and the ladder's request timeout for all others."
  }

  # -- images, targets and commands
  assert {
    condition = { for name, one in output.services : name => "${element(split("/", split("@", one.image)[0]), 3)} ${try("${one.environment.FUNCTION_TARGET} ${one.environment.FUNCTION_SIGNATURE_TYPE}", join(" ", one.command))}" } == {
      transcription = "transcription serve http", transcription-events = "transcription on_event cloudevent"
      emotion       = "emotion serve http", emotion-events = "emotion on_event cloudevent"
      summarization = "summarization serve http", summarization-events = "summarization on_event cloudevent"
      journal       = "journal serve http", journal-events = "journal on_event http"
      dictation     = "transcription python -m functions.dictation.main"
    }
    error_message = "Images, and targets or commands: unexpected."
  }
  assert {
    condition     = { for name, one in output.services : name => [one.affinity, one.cpu_idle] if one.affinity || !one.cpu_idle } == { dictation = [true, false] }
    error_message = "Only dictation must have session affinity and CPU between requests."
  }
  assert {
    condition     = alltrue([for one in output.services : can(regex("@sha256:[0-9a-f]{64}$", one.image))])
    error_message = "Images must be named by digest."
  }

  # -- cost limits
  assert {
    condition = jsonencode({ for name, one in output.services : name => one.instances }) == jsonencode({
      dictation     = [0, 2]
      emotion       = [0, 10], emotion-events = [0, 10], journal = [1, 10], journal-events = [0, 10]
      summarization = [0, 10], summarization-events = [0, 10], transcription = [0, 3], transcription-events = [0, 5]
    })
    error_message = "Instances: ${jsonencode({ for name, one in output.services : name => one.instances })}"
  }
  assert {
    condition = { for name, one in output.services : name => "${one.concurrency} ${one.limits.cpu} ${one.limits.memory} ${one.execution}" } == {
      transcription = "1 2 1Gi EXECUTION_ENVIRONMENT_GEN2", transcription-events = "1 2 1Gi EXECUTION_ENVIRONMENT_GEN2"
      emotion       = "8 1 512Mi EXECUTION_ENVIRONMENT_GEN1", emotion-events = "8 1 512Mi EXECUTION_ENVIRONMENT_GEN1"
      summarization = "8 1 512Mi EXECUTION_ENVIRONMENT_GEN1", summarization-events = "8 1 512Mi EXECUTION_ENVIRONMENT_GEN1"
      journal       = "20 1 1Gi EXECUTION_ENVIRONMENT_GEN1", journal-events = "4 1 1Gi EXECUTION_ENVIRONMENT_GEN1"
      dictation     = "4 2 2Gi EXECUTION_ENVIRONMENT_GEN2"
    }
    error_message = "Concurrency and resources: unexpected."
  }
  assert {
    condition = [google_billing_budget.this[0].billing_account, google_billing_budget.this[0].amount[0].specified_amount[0].units, google_billing_budget.this[0].amount[0].specified_amount[0].currency_code, google_billing_budget.this[0].display_name] == [
      "0-0-0", "200", "EUR", "SAMO staging"
    ]
    error_message = "The budget."
  }
  assert {
    condition     = one(google_billing_budget.this[0].budget_filter[0].projects) == "projects/42"
    error_message = "The budget must be limited to this project."
  }
  assert {
    condition     = jsonencode([for rule in google_billing_budget.this[0].threshold_rules : [rule.threshold_percent, rule.spend_basis == "FORECASTED_SPEND"]]) == jsonencode([[0.5, false], [0.9, false], [1, true]])
    error_message = "The budget must notify at 50%, at 90%, and at a forecast of 100%."
  }

  assert {
    condition     = contains(module.monitoring.runbook_anchors, "unreachable")
    error_message = "The public address must have an uptime check."
  }

  # -- roles of each service
  assert {
    condition     = toset(flatten([for name in ["transcription", "emotion", "summarization", "dictation"] : output.grants[name]])) == toset(["roles/datastore.user where resource.name == \"projects/p/databases/access\""])
    error_message = "Services that only run a model must have access to API keys and quotas alone."
  }
  assert {
    condition = alltrue([for name in ["transcription-events", "emotion-events", "summarization-events"] : toset(output.grants[name]) == toset(concat(
      [for topic in ["uploaded", "transcribed", "emotions-detected", "summarized"] : "roles/pubsub.publisher on topic entries.${topic}"],
      ["projects/p/roles/samoListener on bucket p-audio", "roles/datastore.user where resource.name == \"projects/p/databases/(default)\""],
    ))])
    error_message = "Stages must only publish, read and delete recordings, and access the journal's database."
  }
  assert {
    condition = toset(output.grants["journal"]) == toset(concat(
      [for topic in ["uploaded", "transcribed", "emotions-detected", "summarized"] : "roles/pubsub.publisher on topic entries.${topic}"],
      ["roles/storage.objectUser on bucket p-audio", "roles/identitytoolkit.viewer on project p"],
      [for name in ["(default)", "access"] : "roles/datastore.user where resource.name == \"projects/p/databases/${name}\""],
    ))
    error_message = "The journal's roles: unexpected."
  }
  assert {
    condition     = setsubtract(output.grants["journal-events"], output.grants["journal"]) == toset(["roles/secretmanager.secretAccessor on secret webhooks"]) && setsubtract(output.grants["journal"], output.grants["journal-events"]) == toset(["roles/identitytoolkit.viewer on project p"])
    error_message = "Only journal-events must be able to read webhook keys."
  }

  # -- settings of each service
  assert {
    condition = alltrue([for one in output.services : { for name, value in one.environment : name => value if startswith(name, "SAMO_") && !startswith(name, "SAMO_PUSH") && !startswith(name, "SAMO_AUTH") && !contains(["SAMO_WORK_BUDGET_S", "SAMO_CORS_ORIGINS", "SAMO_DICTATION_URL", "SAMO_DICTATION_SESSIONS", "SAMO_JOURNAL_URL"], name) } == {
      SAMO_BACKEND = "gcp", SAMO_PROJECT = "p", SAMO_DATABASE = "(default)", SAMO_ACCESS_DATABASE = "access", SAMO_BUCKET = "p-audio", SAMO_LEASE_S = "570", SAMO_AUDIO_RETENTION = "days", SAMO_AUDIO_RETENTION_DAYS = "7"
    }])
    error_message = "Settings common to all services: unexpected."
  }
  assert {
    condition     = alltrue([for one in output.services : one.event != (try(one.environment.SAMO_CORS_ORIGINS, "none") == join(",", var.deployment.cors_origins))])
    error_message = "Public services, and only those, must have the CORS origins."
  }
  assert {
    condition     = { for name, one in output.services : name => one.environment.SAMO_DICTATION_URL if can(one.environment.SAMO_DICTATION_URL) } == { journal = "wss://journal.example.org/v1/dictation" }
    error_message = "The journal, and only it, must have the dictation URL."
  }
  assert {
    condition     = { for name, one in output.services : name => [one.environment.SAMO_JOURNAL_URL, one.environment.SAMO_DICTATION_SESSIONS] if can(one.environment.SAMO_JOURNAL_URL) } == { dictation = ["https://journal.example.org", tostring(output.services["dictation"].concurrency)] }
    error_message = "dictation must submit entries to the public address, and accept as many sessions as Cloud Run's concurrency."
  }
  assert {
    condition     = alltrue([for one in output.services : one.event != (try(one.environment.SAMO_AUTH_ISSUER, "") == "https://securetoken.google.com/p" && try(one.environment.SAMO_AUTH_AUDIENCE, "") == "p")])
    error_message = "Public services, and only those, must have the clients' issuer and audience."
  }
  assert {
    condition     = alltrue([for name, one in output.services : one.event == (try(one.environment.SAMO_PUSH_AUDIENCE, "") == "https://${name}.samo.internal" && try(one.environment.SAMO_PUSH_ACCOUNT, "") == "samo-push@p.iam.gserviceaccount.com" && try(one.environment.SAMO_WORK_BUDGET_S, "") == "480")])
    error_message = "Event services, and only those, must have the push settings."
  }
  assert {
    condition     = { for name, one in output.services : name => one.secrets if length(one.secrets) > 0 } == { journal-events = { SAMO_WEBHOOKS = "3" } }
    error_message = "Only journal-events must have the webhook secret, by version."
  }

  # -- subscriptions
  assert {
    condition = output.subscriptions == {
      transcription = "https://transcription-events.run.app/"
      emotion       = "https://emotion-events.run.app/"
      summarization = "https://summarization-events.run.app/"
      uploads       = "https://journal-events.run.app/uploads"
      dead-letters  = "https://journal-events.run.app/dead-letters"
      webhook-coach = "https://journal-events.run.app/webhooks/coach"
    }
    error_message = "Subscriptions: ${jsonencode(output.subscriptions)}"
  }
  assert {
    condition     = output.bucket == "p-audio" && output.address == "203.0.113.1" && output.log_bucket == module.data.log_bucket && output.revisions["journal-events"] == "journal-events-00007-abc"
    error_message = "Outputs: unexpected."
  }
}

run "a_custom_ladder_reaches_every_service" {
  variables {
    ladder = { work_budget_s = 100, request_timeout_s = 110, lease_s = 120, ack_deadline_s = 130 }
  }
  assert {
    condition     = jsonencode(output.ladder) == jsonencode({ work_budget_s = [100], request_timeout_s = [110], lease_s = [120], ack_deadline_s = [130] })
    error_message = "The ladder must be as configured: ${jsonencode(output.ladder)}"
  }
  assert {
    condition     = module.data.bucket == "p-audio"
    error_message = "Nothing else must change."
  }
}

run "an_operators_settings_reach_every_service" {
  variables {
    settings = { quota_entries_per_hour = 60, consent_version = "2026-11", summary_style = "abstract", max_body_bytes = 33554432, dictation_minutes = 40, auth_keys = "https://example.org/keys" }
  }
  assert {
    condition = alltrue([for one in output.services : { for name in ["QUOTA_ENTRIES_PER_HOUR", "CONSENT_VERSION", "SUMMARY_STYLE", "MAX_BODY_BYTES", "DICTATION_MINUTES", "AUTH_KEYS"] : name => one.environment["SAMO_${name}"] } == {
      QUOTA_ENTRIES_PER_HOUR = "60", CONSENT_VERSION = "2026-11", SUMMARY_STYLE = "abstract", MAX_BODY_BYTES = "33554432", DICTATION_MINUTES = "40", AUTH_KEYS = "https://example.org/keys"
    }])
    error_message = "Settings: ${jsonencode({ for name, one in output.services : name => one.environment })}"
  }
}

run "traffic_is_split_where_configured" {
  variables {
    traffic = { emotion = [{ revision = "emotion-00007-abc", percent = 90 }, { percent = 10, tag = "candidate" }] }
  }
  assert {
    condition     = jsonencode({ for name, one in output.services : name => one.traffic if jsonencode(one.traffic) != jsonencode(["100"]) }) == jsonencode({ emotion = ["90 emotion-00007-abc", "10 candidate"] })
    error_message = "Only emotion's traffic must be split: ${jsonencode({ for name, one in output.services : name => one.traffic })}"
  }
}

run "service_agents_may_use_a_customer_managed_key" {
  variables {
    deployment = {
      project             = "p"
      region              = "europe-west1"
      domain              = "journal.example.org"
      auth_issuer         = "https://securetoken.google.com/p"
      auth_audience       = "p"
      deployer            = "samo-apply@p.iam.gserviceaccount.com"
      runbook_url         = "https://example.org/runbook.md"
      notification_emails = ["oncall@example.org"]
      kms_key             = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
    }
  }
  assert {
    condition = toset([for grant in google_kms_crypto_key_iam_member.agent : "${grant.role} ${grant.crypto_key_id} ${grant.member}"]) == toset([
      for agent in ["gs-project-accounts", "gcp-sa-firestore", "gcp-sa-pubsub", "gcp-sa-secretmanager"] :
      "roles/cloudkms.cryptoKeyEncrypterDecrypter projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k serviceAccount:service-42@${agent}.iam.gserviceaccount.com"
    ])
    error_message = "Exactly four service agents must have access to the key."
  }
  assert {
    condition     = local.kms_key == "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
    error_message = "The key must reach the modules."
  }
  assert {
    condition     = length(google_billing_budget.this) == 0 && length(output.services["journal-events"].secrets) == 0 && !contains(keys(output.subscriptions), "webhook-coach")
    error_message = "Optional resources must not exist by default."
  }
}
