# A public service with required inputs only: emotion.

mock_provider "google" {}

variables {
  project              = "p"
  region               = "europe-west1"
  name                 = "emotion"
  event                = false
  image                = "europe-west1-docker.pkg.dev/p/samo/emotion@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  target               = "serve"
  signature            = "http"
  concurrency          = 8
  max_instances        = 3
  request_timeout_s    = 540
  push_account         = "samo-push@p.iam.gserviceaccount.com"
  deployer             = "samo-apply@p.iam.gserviceaccount.com"
  binary_authorization = false
  deletion_protection  = false
}

# A single run, because each run creates everything again.
run "a_public_service" {
  # -- ingress
  assert {
    condition     = google_cloud_run_v2_service.this.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    error_message = "A public service must be reachable through the load balancer only."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.invoker_iam_disabled && length(google_cloud_run_v2_service_iam_member.invoker) == 0
    error_message = "A public service must have no IAM check and no invokers."
  }
  assert {
    condition     = length(google_cloud_run_v2_service.this.custom_audiences) == 0
    error_message = "A public service must have no custom audience."
  }

  # -- no roles by default
  assert {
    condition     = length(output.grants) == 0
    error_message = "A service with no data must have no roles."
  }
  assert {
    condition     = [for one in google_cloud_run_v2_service.this.template[0].containers[0].env : one.name] == ["FUNCTION_SIGNATURE_TYPE", "FUNCTION_TARGET", "THREADS"]
    error_message = "A public service must not have push settings."
  }

  # -- probes
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].http_get[0].path == "/health" && google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].http_get[0].port == 8080 && length(google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].tcp_socket) == 0
    error_message = "The startup probe must call /health."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].period_seconds == 1 && google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].timeout_seconds == 1
    error_message = "The startup probe must run every second, to keep cold starts short."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].failure_threshold == 120
    error_message = "Startup must be allowed two minutes."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].http_get[0].path == "/health" && google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].http_get[0].port == 8080
    error_message = "The liveness probe must call /health."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].period_seconds * google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].failure_threshold == 600
    error_message = "The liveness probe must allow more time than any request, but not unlimited time."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].timeout_seconds == 30
    error_message = "Probes must give a busy instance time to respond."
  }

  # -- defaults
  assert {
    condition     = output.settings.limits == tomap({ cpu = "1", memory = "512Mi" }) && output.settings.execution == "EXECUTION_ENVIRONMENT_GEN1" && output.settings.instances == [0, 3]
    error_message = "Defaults: ${jsonencode(output.settings)}"
  }
  assert {
    condition     = length(google_cloud_run_v2_service.this.binary_authorization) == 0 && !google_cloud_run_v2_service.this.deletion_protection
    error_message = "Optional resources must not exist by default."
  }
  assert {
    condition     = google_cloud_run_v2_service.this.traffic[0].type == "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" && google_cloud_run_v2_service.this.traffic[0].percent == 100
    error_message = "All traffic must go to the newest revision."
  }
}

run "splits_traffic_between_model_versions" {
  variables {
    traffic = [{ revision = "emotion-00007-abc", percent = 90 }, { percent = 10, tag = "candidate" }]
  }
  assert {
    condition = jsonencode([for share in google_cloud_run_v2_service.this.traffic : [share.type, share.revision, share.percent, share.tag]]) == jsonencode([
      ["TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "emotion-00007-abc", 90, null],
      ["TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", null, 10, "candidate"],
    ])
    error_message = "Traffic: ${jsonencode(output.settings.traffic)}"
  }
  assert {
    condition     = output.settings.traffic == ["90 emotion-00007-abc", "10 candidate"]
    error_message = "The output must show the traffic split."
  }
}
