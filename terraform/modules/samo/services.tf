locals {
  # Resources per instance. Transcription computes for minutes, on one recording at a time, so it runs on gen2's full
  # kernel; the others are small and start often, which gen1 does faster.
  capabilities = {
    transcription = { cpu = 2, memory = "1Gi", execution = "gen2", concurrency = 1 }
    emotion       = { cpu = 1, memory = "512Mi", execution = "gen1", concurrency = 8 }
    summarization = { cpu = 1, memory = "512Mi", execution = "gen1", concurrency = 8 }
    journal       = { cpu = 1, memory = "1Gi", execution = "gen1", concurrency = 20 }
  }

  # Service → capability whose image it runs.
  capability_of = merge(
    { for name in keys(local.capabilities) : name => name },
    { for name in keys(local.capabilities) : "${name}-events" => name },
    { dictation = "transcription" },
  )

  names = keys(local.capability_of)

  # Services that process speech compute the most.
  costly = [for name, capability in local.capability_of : name if capability == "transcription"]

  instance_limits = { for name in local.names : name => lookup(var.max_instances, name, 10) }

  public = {
    for name, needs in local.capabilities : name => merge(needs, {
      event      = false, live = false, target = "serve", command = null, signature = "http",
      timeout_s  = var.ladder.request_timeout_s, silence_s = null, environment = {}, secrets = {}
      recordings = null, databases = [module.data.access_database], users = false, topics = []
    })
  }

  bucket_roles = { read_delete = module.data.listener_role, read_write = "roles/storage.objectUser" }

  # Each service that updates an entry publishes its whole outbox, so each may publish to every topic.
  stage_topics = ["entries.uploaded", "entries.transcribed", "entries.emotions-detected", "entries.summarized"]

  stages = {
    for name in ["transcription", "emotion", "summarization"] : "${name}-events" => merge(local.public[name], {
      event      = true, target = "on_event", signature = "cloudevent",
      recordings = "read_delete", databases = [module.data.database], topics = local.stage_topics
    })
  }

  all_databases = [module.data.database, module.data.access_database]

  # The event service keeps the recordings that it opens in memory, so it accepts few requests at a time.
  journals = {
    journal = merge(local.public.journal, {
      recordings  = "read_write", databases = local.all_databases, users = true, topics = local.stage_topics
      environment = { SAMO_DICTATION_URL = "wss://${var.deployment.domain}${local.dictation_path}" }
    })
    journal-events = merge(local.public.journal, {
      event      = true, target = "on_event", concurrency = 4, secrets = local.webhooks_secret,
      recordings = "read_write", databases = local.all_databases, topics = local.stage_topics
    })
  }

  dictation_path = "/v1/dictation"
  dictations     = 4

  # A dictation outlives its connections, which Cloud Run ends after an hour at the latest. Its audio, 58 MB per half
  # hour, stays in the instance's memory, also while the dictation waits for its client to reconnect.
  live = {
    dictation = merge(local.public.transcription, {
      live        = true, target = null, command = ["python", "-m", "functions.dictation.main"]
      memory      = "2Gi", concurrency = local.dictations, timeout_s = 3600, silence_s = 120
      environment = { SAMO_JOURNAL_URL = "https://${var.deployment.domain}", SAMO_DICTATION_SESSIONS = tostring(local.dictations) }
    })
  }

  services = merge(local.public, local.stages, local.journals, local.live)

  settings = {
    SAMO_BACKEND              = "gcp"
    SAMO_PROJECT              = var.deployment.project
    SAMO_DATABASE             = module.data.database
    SAMO_ACCESS_DATABASE      = module.data.access_database
    SAMO_BUCKET               = module.data.bucket
    SAMO_LEASE_S              = tostring(var.ladder.lease_s)
    SAMO_AUDIO_RETENTION      = var.audio.retention
    SAMO_AUDIO_RETENTION_DAYS = tostring(var.audio.retention_days)
  }

  settings_by_kind = {
    public = {
      SAMO_AUTH_ISSUER      = var.deployment.auth_issuer, SAMO_AUTH_AUDIENCE = var.deployment.auth_audience
      SAMO_AUTH_WEB_API_KEY = var.deployment.auth_web_api_key
      SAMO_CORS_ORIGINS     = join(",", var.deployment.cors_origins)
    }
    event = { SAMO_WORK_BUDGET_S = tostring(var.ladder.work_budget_s) }
  }

  webhooks_secret = var.deployment.webhooks == null ? {} : {
    SAMO_WEBHOOKS = { secret = module.data.webhooks_secret, version = var.deployment.webhooks.version }
  }
}

module "service" {
  source   = "../service"
  for_each = local.services

  project               = var.deployment.project
  region                = var.deployment.region
  name                  = each.key
  event                 = each.value.event
  image                 = var.images[local.capability_of[each.key]]
  traffic               = lookup(var.traffic, each.key, [{ revision = null, percent = 100, tag = null }])
  target                = each.value.target
  command               = each.value.command
  signature             = each.value.signature
  environment           = merge(local.chosen_settings, local.settings, local.settings_by_kind[each.value.event ? "event" : "public"], each.value.environment)
  secrets               = each.value.secrets
  cpu                   = each.value.cpu
  memory                = each.value.memory
  execution_environment = each.value.execution
  stateful              = each.value.live
  concurrency           = each.value.concurrency
  min_instances         = lookup(var.min_instances, each.key, 0)
  max_instances         = local.instance_limits[each.key]
  request_timeout_s     = each.value.timeout_s
  silence_s             = each.value.silence_s
  push_account          = module.pipeline.push_account
  deployer              = var.deployment.deployer
  topics                = each.value.topics
  bucket                = each.value.recordings == null ? null : { name = module.data.bucket, role = local.bucket_roles[each.value.recordings] }
  databases             = each.value.databases
  looks_up_users        = each.value.users
  binary_authorization  = var.binary_authorization
  deletion_protection   = var.deletion_protection
}
