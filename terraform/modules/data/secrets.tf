# Webhook integrators as JSON: name → {"url", "secret"}. Terraform creates the secret and an operator adds its versions,
# so that no key is ever in Terraform's state. It exists before there is any integrator.
resource "google_secret_manager_secret" "webhooks" {
  project             = var.project
  secret_id           = "webhooks"
  deletion_protection = var.deletion_protection

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = var.kms_key == null ? [] : [var.kms_key]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }
}
