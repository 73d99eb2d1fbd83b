# SAMO with as few inputs as possible, and local state: to read a plan, or to try it in a project of your own.
#
#   terraform init
#   terraform plan -var=project=PROJECT -var=domain=journal.example.org -var=registry=REGISTRY -var='digests={…}'
#
# The project needs terraform/bootstrap first. For a deployment that lasts, use terraform/environments.

terraform {
  required_version = ">= 1.9"
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.50" }
  }
}

provider "google" {
  project               = var.project
  region                = var.region
  billing_project       = var.project
  user_project_override = true
}

module "samo" {
  source      = "../../modules/samo"
  environment = "dev"

  deployment = {
    project             = var.project
    region              = var.region
    domain              = var.domain
    auth_issuer         = "https://securetoken.google.com/${var.project}"
    auth_audience       = var.project
    deployer            = "samo-apply@${var.project}.iam.gserviceaccount.com"
    runbook_url         = "https://${var.domain}/docs"
    notification_emails = [var.email]
  }

  images        = { for name, digest in var.digests : name => "${var.registry}/${name}@${digest}" }
  max_instances = { transcription = 1, transcription-events = 1, dictation = 1 }

  # Smaller limits than the defaults, and terms that users must accept before their first entry.
  settings = {
    consent_version        = "2026-11"
    dictation_minutes      = 10
    quota_entries_per_hour = 20
  }

  binary_authorization = false
  deletion_protection  = false
}

output "address" {
  description = "IP address for the domain's A record."
  value       = module.samo.address
}

output "services" {
  description = "Configuration of each service."
  value       = module.samo.services
}
