mock_provider "google" {}

variables {
  project = "p"
  region  = "europe-west1"
  endpoints = {
    transcription-events = { uri = "https://t.run.app", audience = "https://t" }
    emotion-events       = { uri = "https://e.run.app", audience = "https://e" }
    summarization-events = { uri = "https://s.run.app", audience = "https://s" }
    journal-events       = { uri = "https://j.run.app", audience = "https://j" }
  }
  ack_deadline_s    = 600
  request_timeout_s = 540
  retention_days    = 31
  deployer          = "samo-apply@p.iam.gserviceaccount.com"
}

run "takes_the_largest_allowed" {
  command = plan
  assert {
    condition     = length(google_pubsub_subscription.push) == 5 && length(google_pubsub_topic_iam_member.replayer) == 0
    error_message = "There must be no integrators and operators by default."
  }
}

run "takes_the_smallest_allowed" {
  command = plan
  variables {
    ack_deadline_s = 10
    retention_days = 1
  }
}

run "an_integrator_with_a_path_in_its_name" {
  command = plan
  variables {
    webhooks = ["coach/../uploads"]
  }
  expect_failures = [var.webhooks]
}

run "a_deadline_that_is_too_long" {
  command = plan
  variables {
    ack_deadline_s = 601
  }
  expect_failures = [var.ack_deadline_s]
}

run "a_deadline_that_is_too_short" {
  command = plan
  variables {
    ack_deadline_s = 9
  }
  expect_failures = [var.ack_deadline_s]
}

run "messages_kept_too_short" {
  command = plan
  variables {
    retention_days = 0
  }
  expect_failures = [var.retention_days]
}

run "messages_kept_too_long" {
  command = plan
  variables {
    retention_days = 32
  }
  expect_failures = [var.retention_days]
}

run "all_users_as_operators" {
  command = plan
  variables {
    operators = ["allUsers"]
  }
  expect_failures = [var.operators]
}
