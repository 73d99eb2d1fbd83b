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
  environment = "dev"
  deployment  = var.deployment
  images      = var.images
  traffic     = var.traffic
  settings    = var.settings

  max_instances        = { transcription = 2, transcription-events = 2, dictation = 2 }
  binary_authorization = false
  deletion_protection  = false
  log_days             = 30
}
