# All of SAMO: connects the other modules.

module "data" {
  source = "../data"

  project             = var.deployment.project
  region              = var.deployment.region
  bucket              = "${var.deployment.project}-audio"
  net_days            = var.audio.retention == "kept" ? null : var.audio.net_days
  retention_days      = var.queue_days
  cors_origins        = distinct(concat(["https://${var.deployment.domain}"], var.deployment.cors_origins))
  finalized_topic     = module.pipeline.topics["audio.finalized"]
  indexes             = jsondecode(file("${path.module}/../../../functions/shared/backends/gcp/indexes.json"))
  rules               = file("${path.module}/../../../functions/shared/backends/gcp/firestore.rules")
  log_days            = var.log_days
  deletion_protection = var.deletion_protection
  kms_key             = local.kms_key
}

module "pipeline" {
  source = "../pipeline"

  project           = var.deployment.project
  region            = var.deployment.region
  endpoints         = { for name in ["transcription-events", "emotion-events", "summarization-events", "journal-events"] : name => { uri = module.service[name].uri, audience = module.service[name].audience } }
  webhooks          = try(var.deployment.webhooks.names, [])
  ack_deadline_s    = var.ladder.ack_deadline_s
  request_timeout_s = var.ladder.request_timeout_s
  retention_days    = var.queue_days
  deployer          = var.deployment.deployer
  operators         = var.deployment.operators
  kms_key           = local.kms_key
}

module "edge" {
  source = "../edge"

  project         = var.deployment.project
  region          = var.deployment.region
  domain          = var.deployment.domain
  default_service = module.service["journal"].name

  routes = {
    (module.service["emotion"].name)       = ["/predict", "/predict/*", "/predict_batch"]
    (module.service["summarization"].name) = ["/summarize", "/summarize/*"]
    (module.service["transcription"].name) = ["/transcribe", "/transcribe/*", "/v1/audio/*", "/v1/models", "/v1/models/*"]
    (module.service["journal"].name)       = ["/transcribe/batch"]
    (module.service["dictation"].name)     = [local.dictation_path]
  }

  # An unauthenticated connection occupies a slot until it sends its token.
  requests_per_minute_to = { (local.dictation_path) = 120 }
}

module "monitoring" {
  source = "../monitoring"

  project                  = var.deployment.project
  region                   = var.deployment.region
  environment              = var.environment
  public_host              = var.deployment.domain
  services                 = { for name, service in local.services : name => { event = service.event, live = service.live, costly = contains(local.costly, name), max_instances = local.instance_limits[name] } }
  subscriptions            = keys(module.pipeline.subscriptions)
  dead_letter_subscription = module.pipeline.inspection
  notification_emails      = var.deployment.notification_emails
  runbook_url              = var.deployment.runbook_url
}
