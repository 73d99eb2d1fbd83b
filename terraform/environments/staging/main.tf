terraform {
  required_version = ">= 1.9"
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.50" }
  }
  backend "gcs" { prefix = "environment" } # init -backend-config=bucket=PROJECT-tfstate
}

provider "google" {
  project               = var.deployment.project
  region                = var.deployment.region
  billing_project       = var.deployment.project
  user_project_override = true
}

module "samo" {
  source      = "../../modules/samo"
  environment = "staging"
  deployment  = var.deployment
  images      = var.images
  traffic     = var.traffic
  settings    = var.settings

  max_instances = { transcription = 4, transcription-events = 8, dictation = 4 }
  log_days      = 30
}
