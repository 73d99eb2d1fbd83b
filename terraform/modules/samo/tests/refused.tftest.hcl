mock_provider "google" {}

variables {
  environment   = "dev"
  max_instances = { transcription = 3, transcription-events = 5, dictation = 2 }
  images = {
    transcription = "europe-west1-docker.pkg.dev/p/samo/transcription@sha256:1111111111111111111111111111111111111111111111111111111111111111"
    emotion       = "europe-west1-docker.pkg.dev/p/samo/emotion@sha256:2222222222222222222222222222222222222222222222222222222222222222"
    summarization = "europe-west1-docker.pkg.dev/p/samo/summarization@sha256:3333333333333333333333333333333333333333333333333333333333333333"
    journal       = "europe-west1-docker.pkg.dev/p/samo/journal@sha256:4444444444444444444444444444444444444444444444444444444444444444"
  }
  deployment = {
    project             = "p"
    region              = "europe-west1"
    domain              = "journal.example.org"
    auth_issuer         = "https://securetoken.google.com/p"
    auth_audience       = "p"
    deployer            = "samo-apply@p.iam.gserviceaccount.com"
    runbook_url         = "https://example.org/runbook.md"
    notification_emails = ["oncall@example.org"]
  }
}

run "an_unknown_environment" {
  command = plan
  variables {
    environment = "test"
  }
  expect_failures = [var.environment]
}

run "a_budget_as_long_as_the_request" {
  command = plan
  variables {
    ladder = { work_budget_s = 540 }
  }
  expect_failures = [var.ladder]
}

run "a_request_as_long_as_the_lease" {
  command = plan
  variables {
    ladder = { request_timeout_s = 570 }
  }
  expect_failures = [var.ladder]
}

run "a_lease_as_long_as_the_deadline" {
  command = plan
  variables {
    ladder = { lease_s = 600 }
  }
  expect_failures = [var.ladder]
}

run "transcription_without_max_instances" {
  command = plan
  variables {
    max_instances = { transcription = 3, dictation = 2 }
  }
  expect_failures = [var.max_instances]
}

run "dictation_without_max_instances" {
  command = plan
  variables {
    max_instances = { transcription = 3, transcription-events = 5 }
  }
  expect_failures = [var.max_instances]
}

run "instances_of_a_service_that_does_not_exist" {
  command = plan
  variables {
    max_instances = { transcription = 3, transcription-events = 5, dictation = 2, emotions = 1 }
  }
  expect_failures = [var.max_instances]
}

run "warm_instances_of_a_service_that_does_not_exist" {
  command = plan
  variables {
    min_instances = { emotions = 1 }
  }
  expect_failures = [var.min_instances]
}

run "traffic_of_a_service_that_does_not_exist" {
  command = plan
  variables {
    traffic = { emotions = [{ percent = 100 }] }
  }
  expect_failures = [var.traffic]
}

run "an_unknown_retention" {
  command = plan
  variables {
    audio = { retention = "forever" }
  }
  expect_failures = [var.audio]
}

run "net_days_within_the_retention" {
  command = plan
  variables {
    audio = { retention_days = 7, net_days = 14 }
  }
  expect_failures = [var.audio]
}

run "recordings_that_users_keep" {
  command = plan
  variables {
    audio = { retention = "kept" }
  }
  assert {
    condition     = module.service["journal"].settings.environment.SAMO_AUDIO_RETENTION == "kept"
    error_message = "The journal's retention must be `kept`."
  }
}

run "public_services_without_an_issuer" {
  command = plan
  variables {
    deployment = {
      project  = "p", region = "europe-west1", domain = "journal.example.org", auth_issuer = "", auth_audience = "p"
      deployer = "samo-apply@p.iam.gserviceaccount.com", runbook_url = "https://example.org/runbook.md", notification_emails = ["oncall@example.org"]
    }
  }
  expect_failures = [var.deployment]
}

run "public_services_without_an_audience" {
  command = plan
  variables {
    deployment = {
      project  = "p", region = "europe-west1", domain = "journal.example.org", auth_issuer = "https://securetoken.google.com/p", auth_audience = ""
      deployer = "samo-apply@p.iam.gserviceaccount.com", runbook_url = "https://example.org/runbook.md", notification_emails = ["oncall@example.org"]
    }
  }
  expect_failures = [var.deployment]
}

run "a_deployer_that_is_no_service_account" {
  command = plan
  variables {
    deployment = {
      project  = "p", region = "europe-west1", domain = "journal.example.org", auth_issuer = "https://securetoken.google.com/p", auth_audience = "p"
      deployer = "jane@example.org", runbook_url = "https://example.org/runbook.md", notification_emails = ["oncall@example.org"]
    }
  }
  expect_failures = [var.deployment]
}

run "alerts_without_recipients" {
  command = plan
  variables {
    deployment = {
      project  = "p", region = "europe-west1", domain = "journal.example.org", auth_issuer = "https://securetoken.google.com/p", auth_audience = "p"
      deployer = "samo-apply@p.iam.gserviceaccount.com", runbook_url = "https://example.org/runbook.md", notification_emails = []
    }
  }
  expect_failures = [var.deployment]
}

run "a_key_without_its_full_name" {
  command = plan
  variables {
    deployment = {
      project  = "p", region = "europe-west1", domain = "journal.example.org", auth_issuer = "https://securetoken.google.com/p", auth_audience = "p"
      deployer = "samo-apply@p.iam.gserviceaccount.com", runbook_url = "https://example.org/runbook.md", notification_emails = ["oncall@example.org"], kms_key = "k"
    }
  }
  expect_failures = [var.deployment]
}

run "an_unknown_setting" {
  command = plan
  variables {
    settings = { quota_per_hour = "60" }
  }
  expect_failures = [var.settings]
}

run "a_setting_with_its_prefix" {
  command = plan
  variables {
    settings = { SAMO_THREADS = "2" }
  }
  expect_failures = [var.settings]
}

run "a_setting_of_another_variable" {
  command = plan
  variables {
    settings = { auth_issuer = "https://example.org" }
  }
  expect_failures = [var.settings]
}

run "a_setting_of_the_module" {
  command = plan
  variables {
    settings = { backend = "local" }
  }
  expect_failures = [var.settings]
}

run "a_quota_of_zero" {
  command = plan
  variables {
    settings = { quota_entries_per_hour = "0" }
  }
  expect_failures = [var.settings]
}

run "a_quota_that_is_no_number" {
  command = plan
  variables {
    settings = { quota_entries_per_hour = "many" }
  }
  expect_failures = [var.settings]
}

run "an_unknown_style" {
  command = plan
  variables {
    settings = { summary_style = "short" }
  }
  expect_failures = [var.settings]
}

run "a_dictation_longer_than_its_connection" {
  command = plan
  variables {
    settings = { dictation_minutes = "41" }
  }
  expect_failures = [var.settings]
}

run "a_body_that_cloud_run_refuses" {
  command = plan
  variables {
    settings = { max_body_bytes = "33554433" }
  }
  expect_failures = [var.settings]
}

run "keys_without_tls" {
  command = plan
  variables {
    settings = { auth_keys = "http://example.org/keys" }
  }
  expect_failures = [var.settings]
}
