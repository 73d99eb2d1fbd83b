mock_provider "google" {}

variables {
  project             = "p"
  region              = "europe-west1"
  bucket              = "p-audio"
  net_days            = 8
  retention_days      = 7
  cors_origins        = ["https://journal.example.org", "https://localhost:8443"]
  finalized_topic     = "projects/p/topics/audio.finalized"
  deletion_protection = false
  backup_days         = 30
  log_days            = 400
  rules               = ""
  indexes             = { exemptions = [], fields = [], composite = [], ttl = [] }
}

run "takes_the_largest_allowed" {
  command = plan
}

run "takes_the_smallest_allowed" {
  command = plan
  variables {
    backup_days = 1
    log_days    = 30
  }
}

run "net_days_within_queue_retention" {
  command = plan
  variables {
    net_days = 7
  }
  expect_failures = [var.net_days]
}

run "a_wildcard_cors_origin" {
  command = plan
  variables {
    cors_origins = ["*"]
  }
  expect_failures = [var.cors_origins]
}

run "a_cors_origin_without_https" {
  command = plan
  variables {
    cors_origins = ["http://journal.example.org"]
  }
  expect_failures = [var.cors_origins]
}

run "a_wildcard_subdomain" {
  command = plan
  variables {
    cors_origins = ["https://*.example.org"]
  }
  expect_failures = [var.cors_origins]
}

run "backups_that_outlive_a_month" {
  command = plan
  variables {
    backup_days = 31
  }
  expect_failures = [var.backup_days]
}

run "no_backups" {
  command = plan
  variables {
    backup_days = 0
  }
  expect_failures = [var.backup_days]
}

run "logs_kept_too_short" {
  command = plan
  variables {
    log_days = 29
  }
  expect_failures = [var.log_days]
}

run "logs_kept_too_long" {
  command = plan
  variables {
    log_days = 401
  }
  expect_failures = [var.log_days]
}
