# An event service with every optional input: transcription-events.

mock_provider "google" {
  mock_resource "google_service_account" {
    defaults = {
      email  = "samo-transcription-events@p.iam.gserviceaccount.com"
      member = "serviceAccount:samo-transcription-events@p.iam.gserviceaccount.com"
      name   = "projects/p/serviceAccounts/samo-transcription-events@p.iam.gserviceaccount.com"
    }
  }
}

variables {
  project               = "p"
  region                = "europe-west1"
  name                  = "transcription-events"
  event                 = true
  image                 = "europe-west1-docker.pkg.dev/p/samo/transcription@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  target                = "on_event"
  signature             = "cloudevent"
  environment           = { SAMO_BACKEND = "gcp" }
  secrets               = { SAMO_WEBHOOKS = { secret = "webhooks", version = "3" } }
  cpu                   = 2
  memory                = "1Gi"
  execution_environment = "gen2"
  concurrency           = 1
  min_instances         = 1
  max_instances         = 7
  request_timeout_s     = 540
  push_account          = "samo-push@p.iam.gserviceaccount.com"
  deployer              = "samo-apply@p.iam.gserviceaccount.com"
  topics                = ["entries.transcribed"]
  bucket                = { name = "p-audio", role = "projects/p/roles/samoListener" }
  databases             = ["(default)"]
  looks_up_users        = true
  binary_authorization  = true
  deletion_protection   = true
}

# A single run, because each run creates everything again.
run "an_event_service" {
  # -- callers
  assert {
    condition     = google_cloud_run_v2_service.this.ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    error_message = "An event service must accept internal traffic only."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.invoker_iam_disabled == false
    error_message = "Cloud Run must check the callers of an event service."
  }
  assert {
    condition = [for grant in google_cloud_run_v2_service_iam_member.invoker : [grant.project, grant.location, grant.name, grant.role, grant.member]] == [
      ["p", "europe-west1", "transcription-events", "roles/run.invoker", "serviceAccount:samo-push@p.iam.gserviceaccount.com"]
    ]
    error_message = "Only the push account must be able to call."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.custom_audiences == tolist(["https://transcription-events.samo.internal"]) && output.audience == "https://transcription-events.samo.internal"
    error_message = "Each subscription must use its service's audience."
  }

  # -- roles, each on one resource
  assert {
    condition = output.grants == [
      "roles/pubsub.publisher on topic entries.transcribed",
      "projects/p/roles/samoListener on bucket p-audio",
      "roles/datastore.user where resource.name == \"projects/p/databases/(default)\"",
      "roles/identitytoolkit.viewer on project p",
      "roles/secretmanager.secretAccessor on secret webhooks",
    ]
    error_message = "The account's roles have changed: ${jsonencode(output.grants)}"
  }
  assert {
    condition = alltrue([for member in concat(
      values(google_pubsub_topic_iam_member.publisher)[*].member,
      google_storage_bucket_iam_member.objects[*].member,
      values(google_project_iam_member.database)[*].member,
      google_project_iam_member.sign_ins[*].member,
      values(google_secret_manager_secret_iam_member.reader)[*].member,
    ) : member == "serviceAccount:samo-transcription-events@p.iam.gserviceaccount.com"])
    error_message = "Roles must be granted to the service's own account."
  }
  assert {
    condition = alltrue([for project in concat(
      values(google_pubsub_topic_iam_member.publisher)[*].project,
      values(google_project_iam_member.database)[*].project,
      google_project_iam_member.sign_ins[*].project,
      values(google_secret_manager_secret_iam_member.reader)[*].project,
      [google_service_account.this.project, google_cloud_run_v2_service.this.project],
    ) : project == "p"])
    error_message = "Everything must be in the project."
  }
  assert {
    condition     = google_service_account.this.account_id == "samo-transcription-events"
    error_message = "Each service must have its own account."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].service_account == "samo-transcription-events@p.iam.gserviceaccount.com" && output.account == google_service_account.this.email
    error_message = "The service must run as its own account."
  }
  assert {
    condition = [google_service_account_iam_member.deployer.service_account_id, google_service_account_iam_member.deployer.role, google_service_account_iam_member.deployer.member] == [
      google_service_account.this.name, "roles/iam.serviceAccountUser", "serviceAccount:samo-apply@p.iam.gserviceaccount.com"
    ]
    error_message = "Only the applying account must be able to deploy as the service's account."
  }

  # -- resources
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].max_instance_request_concurrency == 1
    error_message = "Concurrency."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.scaling[0].min_instance_count == 1 && google_cloud_run_v2_service.this.template[0].scaling[0].max_instance_count == 7
    error_message = "Instances."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].timeout == "540s"
    error_message = "Request timeout."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].execution_environment == "EXECUTION_ENVIRONMENT_GEN2"
    error_message = "Execution environment."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].resources[0].limits == tomap({ cpu = "2", memory = "1Gi" })
    error_message = "Processor and memory."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].resources[0].startup_cpu_boost && google_cloud_run_v2_service.this.template[0].containers[0].resources[0].cpu_idle
    error_message = "CPU must be boosted at startup and allocated only during requests."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].session_affinity == false
    error_message = "There must be no session affinity."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.binary_authorization[0].use_default
    error_message = "Only attested images must be able to run."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.deletion_protection && google_cloud_run_v2_service.this.name == "transcription-events" && google_cloud_run_v2_service.this.location == "europe-west1"
    error_message = "Deletion protection, name or region: unexpected."
  }

  # -- environment
  assert {
    condition = { for one in google_cloud_run_v2_service.this.template[0].containers[0].env : one.name => one.value if length(one.value_source) == 0 } == {
      FUNCTION_SIGNATURE_TYPE = "cloudevent"
      FUNCTION_TARGET         = "on_event"
      SAMO_BACKEND            = "gcp"
      SAMO_PUSH_ACCOUNT       = "samo-push@p.iam.gserviceaccount.com"
      SAMO_PUSH_AUDIENCE      = "https://transcription-events.samo.internal"
      SAMO_PUSH_SIGNATURE     = "checked-by-cloud-run"
      THREADS                 = "2"
    }
    error_message = "The environment has changed."
  }
  assert {
    condition = [for one in google_cloud_run_v2_service.this.template[0].containers[0].env : [one.name, one.value_source[0].secret_key_ref[0].secret, one.value_source[0].secret_key_ref[0].version] if length(one.value_source) > 0] == [
      ["SAMO_WEBHOOKS", "webhooks", "3"]
    ]
    error_message = "Secrets must come from Secret Manager, by version."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].tcp_socket[0].port == 8080 && length(google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].http_get) == 0
    error_message = "A cloudevent target has no health route: the probe must use its port."
  }
  assert {
    condition     = length(google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe) == 0
    error_message = "Cloud Run has no liveness probe over TCP."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].ports[0].container_port == 8080
    error_message = "Port."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].image == var.image && google_cloud_run_v2_service.this.template[0].containers[0].command == null
    error_message = "The image must run its own entry point."
  }

  # -- outputs
  assert {
    condition = jsonencode(output.settings) == jsonencode({
      event       = true
      image       = var.image
      command     = tolist(null)
      environment = { for one in google_cloud_run_v2_service.this.template[0].containers[0].env : one.name => one.value if length(one.value_source) == 0 }
      secrets     = { SAMO_WEBHOOKS = "3" }
      concurrency = 1
      execution   = "EXECUTION_ENVIRONMENT_GEN2"
      limits      = tomap({ cpu = "2", memory = "1Gi" })
      instances   = [1, 7]
      timeout     = "540s"
      affinity    = false
      cpu_idle    = true
      ingress     = "INGRESS_TRAFFIC_INTERNAL_ONLY"
      invokers    = tolist(["serviceAccount:samo-push@p.iam.gserviceaccount.com"])
      traffic     = ["100"]
    })
    error_message = "Outputs: unexpected: ${jsonencode(output.settings)}"
  }
  assert {
    condition     = output.name == "transcription-events" && output.uri == google_cloud_run_v2_service.this.uri && output.revision == google_cloud_run_v2_service.this.latest_ready_revision
    error_message = "Name, address and revision."
  }
}

