# A service that runs a command of its own and holds what its clients come back for: live dictation.

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
  # -- runs its command
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].command == tolist(["python", "-m", "functions.dictation.main"]) && output.settings.command == google_cloud_run_v2_service.this.template[0].containers[0].command
    error_message = "Its command takes the place of the image's entry point."
  }
  assert {
    condition     = length(google_cloud_run_v2_service.this.template[0].containers[0].env) == 0
    error_message = "Nothing is said to functions-framework, which does not run."
  }

  # -- keeps its clients
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].session_affinity && output.settings.affinity
    error_message = "Who comes back is led to the same instance."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].resources[0].cpu_idle == false && !output.settings.cpu_idle
    error_message = "It works on while nobody is connected."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].timeout == "3600s"
    error_message = "A connection may last an hour."
  }

  # -- is asked how it is
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].http_get[0].path == "/health" && google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].http_get[0].path == "/health"
    error_message = "It answers at /health."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].period_seconds * google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].failure_threshold == 180
    error_message = "One that hangs is restarted long before a connection may end."
  }

  # -- is reached through the load balancer, and has no right that it was not given
  assert {
    condition     = google_cloud_run_v2_service.this.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" && google_cloud_run_v2_service.this.invoker_iam_disabled && length(output.grants) == 0
    error_message = "A public service like any other."
  }
}
