locals {
  audience = "https://${var.name}.samo.internal"

  # One more thread than concurrent requests, so that probes are answered while all of them run.
  framework = var.target == null ? {} : {
    FUNCTION_TARGET         = var.target
    FUNCTION_SIGNATURE_TYPE = var.signature
    THREADS                 = tostring(var.concurrency + 1)
  }

  # Cloud Run verifies the token's signature and removes it; the service checks the claims.
  push = var.event ? {
    SAMO_PUSH_ACCOUNT   = var.push_account
    SAMO_PUSH_AUDIENCE  = local.audience
    SAMO_PUSH_SIGNATURE = "checked-by-cloud-run"
  } : {}
}

resource "google_cloud_run_v2_service" "this" {
  project             = var.project
  location            = var.region
  name                = var.name
  deletion_protection = var.deletion_protection

  # Calls from this project's Pub/Sub and Cloud Scheduler to the run.app address count as internal.
  ingress = var.event ? "INGRESS_TRAFFIC_INTERNAL_ONLY" : "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  # A public service verifies its clients' ID tokens itself, and does not start without an issuer.
  invoker_iam_disabled = !var.event
  custom_audiences     = var.event ? [local.audience] : []

  scaling {
    min_instance_count = var.min_instances
  }

  dynamic "binary_authorization" {
    for_each = var.binary_authorization ? [true] : []
    content {
      use_default = binary_authorization.value
    }
  }

  template {
    service_account                  = google_service_account.this.email
    execution_environment            = "EXECUTION_ENVIRONMENT_${upper(var.execution_environment)}"
    max_instance_request_concurrency = var.concurrency
    session_affinity                 = var.stateful
    timeout                          = "${var.request_timeout_s}s"

    scaling {
      max_instance_count = var.max_instances
    }

    containers {
      image   = var.image
      command = var.command

      ports {
        container_port = 8080
      }

      resources {
        limits            = { cpu = tostring(var.cpu), memory = var.memory }
        cpu_idle          = !var.stateful
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(var.environment, local.framework, local.push)
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = var.secrets
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value.secret
              version = env.value.version
            }
          }
        }
      }

      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 120

        dynamic "http_get" {
          for_each = var.signature == "http" ? ["/health"] : []
          content {
            path = http_get.value
            port = 8080
          }
        }

        dynamic "tcp_socket" {
          for_each = var.signature == "cloudevent" ? [8080] : []
          content {
            port = tcp_socket.value
          }
        }
      }

      # Cloud Run has no TCP liveness probe; a stuck cloudevent target is bounded by its request timeout and the
      # entry's lease.
      dynamic "liveness_probe" {
        for_each = var.signature == "http" ? ["/health"] : []
        content {
          period_seconds    = 60
          timeout_seconds   = 30
          failure_threshold = ceil(coalesce(var.silence_s, var.request_timeout_s) / 60) + 1

          http_get {
            path = liveness_probe.value
            port = 8080
          }
        }
      }
    }
  }

  dynamic "traffic" {
    for_each = var.traffic
    content {
      type     = "TRAFFIC_TARGET_ALLOCATION_TYPE_${traffic.value.revision == null ? "LATEST" : "REVISION"}"
      revision = traffic.value.revision
      percent  = traffic.value.percent
      tag      = traffic.value.tag
    }
  }

  depends_on = [google_secret_manager_secret_iam_member.reader]
}
