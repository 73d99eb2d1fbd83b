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
  environment = "prod"
  deployment  = var.deployment
  images      = var.images
  traffic     = var.traffic
  settings    = var.settings

  max_instances = { transcription = 20, transcription-events = 50, dictation = 20, emotion-events = 50, journal = 50 }
  min_instances = { journal = 1 }
}
