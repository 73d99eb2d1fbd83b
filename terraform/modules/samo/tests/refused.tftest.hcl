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

run "transcription_without_a_ceiling" {
  command = plan
  variables {
    max_instances = { transcription = 3, dictation = 2 }
  }
  expect_failures = [var.max_instances]
}

run "dictation_without_a_ceiling" {
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

run "a_net_that_takes_what_is_still_kept" {
  command = plan
  variables {
    audio = { retention_days = 7, net_days = 14 }
  }
  expect_failures = [var.audio]
}

run "recordings_that_people_keep" {
  command = plan
  variables {
    audio = { retention = "kept" }
  }
  assert {
    condition     = module.service["journal"].settings.environment.SAMO_AUDIO_RETENTION == "kept"
    error_message = "The journal keeps them."
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

run "a_person_who_deploys" {
  command = plan
  variables {
    deployment = {
      project  = "p", region = "europe-west1", domain = "journal.example.org", auth_issuer = "https://securetoken.google.com/p", auth_audience = "p"
      deployer = "jane@example.org", runbook_url = "https://example.org/runbook.md", notification_emails = ["oncall@example.org"]
    }
  }
  expect_failures = [var.deployment]
}

run "alerts_that_nobody_hears" {
  command = plan
  variables {
    deployment = {
      project  = "p", region = "europe-west1", domain = "journal.example.org", auth_issuer = "https://securetoken.google.com/p", auth_audience = "p"
      deployer = "samo-apply@p.iam.gserviceaccount.com", runbook_url = "https://example.org/runbook.md", notification_emails = []
    }
  }
  expect_failures = [var.deployment]
}

run "a_key_by_its_short_name" {
  command = plan
  variables {
    deployment = {
      project  = "p", region = "europe-west1", domain = "journal.example.org", auth_issuer = "https://securetoken.google.com/p", auth_audience = "p"
      deployer = "samo-apply@p.iam.gserviceaccount.com", runbook_url = "https://example.org/runbook.md", notification_emails = ["oncall@example.org"], kms_key = "k"
    }
  }
  expect_failures = [var.deployment]
}
