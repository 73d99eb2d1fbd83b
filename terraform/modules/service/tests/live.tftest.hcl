# A stateful service with its own command: dictation.

mock_provider "google" {}

variables {
  project              = "p"
  region               = "europe-west1"
  name                 = "dictation"
  event                = false
  image                = "europe-west1-docker.pkg.dev/p/samo/transcription@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  command              = ["python", "-m", "functions.dictation.main"]
  signature            = "http"
  stateful             = true
  concurrency          = 4
  max_instances        = 3
  request_timeout_s    = 3600
  silence_s            = 120
  push_account         = "samo-push@p.iam.gserviceaccount.com"
  deployer             = "samo-apply@p.iam.gserviceaccount.com"
  binary_authorization = false
  deletion_protection  = false
}

run "a_live_service" {
  # -- command
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].command == tolist(["python", "-m", "functions.dictation.main"]) && output.settings.command == google_cloud_run_v2_service.this.template[0].containers[0].command
    error_message = "The command must replace the image's entry point."
  }
  assert {
    condition     = length(google_cloud_run_v2_service.this.template[0].containers[0].env) == 0
    error_message = "A command must have no functions-framework settings."
  }

  # -- session affinity
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].session_affinity && output.settings.affinity
    error_message = "A live service must have session affinity."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].resources[0].cpu_idle == false && !output.settings.cpu_idle
    error_message = "A live service must have CPU between requests."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].timeout == "3600s"
    error_message = "A connection must be allowed to last an hour."
  }

  # -- probes
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].http_get[0].path == "/health" && google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].http_get[0].path == "/health"
    error_message = "The probe must call /health."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].period_seconds * google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].failure_threshold == 180
    error_message = "An instance that hangs must be restarted long before the connection timeout."
  }

  # -- ingress and roles
  assert {
    condition     = google_cloud_run_v2_service.this.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" && google_cloud_run_v2_service.this.invoker_iam_disabled && length(output.grants) == 0
    error_message = "A live service must be public like any other."
  }
}
