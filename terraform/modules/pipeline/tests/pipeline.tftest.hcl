mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "42" }
  }
  mock_resource "google_service_account" {
    defaults = {
      email  = "samo-push@p.iam.gserviceaccount.com"
      member = "serviceAccount:samo-push@p.iam.gserviceaccount.com"
      name   = "projects/p/serviceAccounts/samo-push@p.iam.gserviceaccount.com"
    }
  }
}

override_resource {
  target = google_pubsub_topic.this["entries.uploaded"]
  values = { id = "projects/p/topics/entries.uploaded" }
}
override_resource {
  target = google_pubsub_topic.this["entries.transcribed"]
  values = { id = "projects/p/topics/entries.transcribed" }
}
override_resource {
  target = google_pubsub_topic.this["entries.emotions-detected"]
  values = { id = "projects/p/topics/entries.emotions-detected" }
}
override_resource {
  target = google_pubsub_topic.this["entries.summarized"]
  values = { id = "projects/p/topics/entries.summarized" }
}
override_resource {
  target = google_pubsub_topic.this["audio.finalized"]
  values = { id = "projects/p/topics/audio.finalized" }
}
override_resource {
  target = google_pubsub_topic.this["dead-letters"]
  values = { id = "projects/p/topics/dead-letters" }
}

variables {
  project = "p"
  region  = "europe-west1"
  endpoints = {
    transcription-events = { uri = "https://t.run.app", audience = "https://t" }
    emotion-events       = { uri = "https://e.run.app", audience = "https://e" }
    summarization-events = { uri = "https://s.run.app", audience = "https://s" }
    journal-events       = { uri = "https://j.run.app", audience = "https://j" }
  }
  webhooks          = ["coach"]
  ack_deadline_s    = 600
  request_timeout_s = 540
  retention_days    = 7
  deployer          = "samo-apply@p.iam.gserviceaccount.com"
  operators         = ["group:oncall@example.org"]
}

# A single run, because each run creates everything again.
run "the_pipeline" {
  # -- subscriptions
  assert {
    condition = { for name, one in google_pubsub_subscription.push : one.name => [one.topic, one.push_config[0].push_endpoint, one.push_config[0].oidc_token[0].audience] } == {
      transcription = ["projects/p/topics/entries.uploaded", "https://t.run.app/", "https://t"]
      emotion       = ["projects/p/topics/entries.transcribed", "https://e.run.app/", "https://e"]
      summarization = ["projects/p/topics/entries.emotions-detected", "https://s.run.app/", "https://s"]
      uploads       = ["projects/p/topics/audio.finalized", "https://j.run.app/uploads", "https://j"]
      webhook-coach = ["projects/p/topics/entries.summarized", "https://j.run.app/webhooks/coach", "https://j"]
      dead-letters  = ["projects/p/topics/dead-letters", "https://j.run.app/dead-letters", "https://j"]
    }
    error_message = "Subscriptions: ${jsonencode(output.subscriptions)}"
  }
  assert {
    condition     = alltrue([for one in google_pubsub_subscription.push : one.push_config[0].no_wrapper[0].write_metadata])
    error_message = "Pushes must be unwrapped, with attributes as headers."
  }
  assert {
    condition     = alltrue([for one in google_pubsub_subscription.push : one.push_config[0].oidc_token[0].service_account_email == "samo-push@p.iam.gserviceaccount.com"])
    error_message = "Pushes must be made as the push account."
  }
  assert {
    condition     = output.subscriptions == { for name, one in google_pubsub_subscription.push : name => one.push_config[0].push_endpoint }
    error_message = "The output must list every push subscription."
  }

  # -- retention and backoff
  assert {
    condition     = alltrue([for one in concat(values(google_pubsub_subscription.push), [google_pubsub_subscription.inspection]) : one.expiration_policy[0].ttl == ""])
    error_message = "Subscriptions must not expire."
  }
  assert {
    condition     = alltrue([for one in concat(values(google_pubsub_subscription.push), [google_pubsub_subscription.inspection]) : one.message_retention_duration == "604800s"])
    error_message = "Messages must be kept for seven days."
  }
  assert {
    condition     = alltrue([for one in concat(values(google_pubsub_subscription.push), [google_pubsub_subscription.inspection]) : one.retry_policy[0].minimum_backoff == "10s" && one.retry_policy[0].maximum_backoff == "600s"])
    error_message = "Backoff must grow from 10 to 600 seconds."
  }
  assert {
    condition     = alltrue([for one in google_pubsub_subscription.push : one.ack_deadline_seconds == 600]) && jsonencode(output.ack_deadlines) == "[600]"
    error_message = "The acknowledgement deadline must be the ladder's."
  }

  # -- dead letters
  assert {
    condition = jsonencode({ for name, one in google_pubsub_subscription.push : name => one.dead_letter_policy[*].dead_letter_topic }) == jsonencode({
      transcription = ["projects/p/topics/dead-letters"]
      emotion       = ["projects/p/topics/dead-letters"]
      summarization = ["projects/p/topics/dead-letters"]
      uploads       = ["projects/p/topics/dead-letters"]
      webhook-coach = ["projects/p/topics/dead-letters"]
      dead-letters  = []
    })
    error_message = "All subscriptions but that of dead letters must have a dead-letter policy."
  }
  assert {
    condition     = alltrue([for one in google_pubsub_subscription.push : one.dead_letter_policy[0].max_delivery_attempts == 100 if length(one.dead_letter_policy) > 0])
    error_message = "Subscriptions must attempt delivery 100 times: a busy instance uses up an attempt."
  }
  assert {
    condition     = google_pubsub_subscription.inspection.topic == "projects/p/topics/dead-letters" && google_pubsub_subscription.inspection.name == "dead-letters-inspection" && output.inspection == "dead-letters-inspection"
    error_message = "Operators must be able to pull dead letters."
  }
  assert {
    condition     = google_pubsub_subscription.inspection.ack_deadline_seconds == 60 && length(google_pubsub_subscription.inspection.push_config) == 0
    error_message = "The inspection subscription must be pulled, with a deadline of a minute."
  }
  assert {
    condition = [google_pubsub_topic_iam_member.forwarder.topic, google_pubsub_topic_iam_member.forwarder.role, google_pubsub_topic_iam_member.forwarder.member] == [
      "dead-letters", "roles/pubsub.publisher", "serviceAccount:service-42@gcp-sa-pubsub.iam.gserviceaccount.com"
    ]
    error_message = "Pub/Sub must be able to publish dead letters."
  }
  assert {
    condition = { for name, grant in google_pubsub_subscription_iam_member.forwarder : grant.subscription => [grant.role, grant.member] } == {
      for name in ["transcription", "emotion", "summarization", "uploads", "webhook-coach"] :
      name => ["roles/pubsub.subscriber", "serviceAccount:service-42@gcp-sa-pubsub.iam.gserviceaccount.com"]
    }
    error_message = "Pub/Sub must be able to acknowledge what it dead-letters."
  }

  # -- region of messages
  assert {
    condition     = toset([for topic in google_pubsub_topic.this : topic.name]) == toset(["entries.uploaded", "entries.transcribed", "entries.emotions-detected", "entries.summarized", "audio.finalized", "dead-letters"])
    error_message = "Topics: ${jsonencode(keys(google_pubsub_topic.this))}"
  }
  assert {
    condition     = alltrue([for topic in google_pubsub_topic.this : topic.message_storage_policy[0].allowed_persistence_regions == toset(["europe-west1"]) && topic.message_storage_policy[0].enforce_in_transit])
    error_message = "Messages must be stored in the deployment's region only."
  }
  assert {
    condition     = alltrue([for topic in google_pubsub_topic.this : topic.kms_key_name == null])
    error_message = "There must be no KMS key by default."
  }
  assert {
    condition     = output.topics["audio.finalized"] == "projects/p/topics/audio.finalized" && length(output.topics) == 6
    error_message = "The output must list every topic."
  }

  # -- scheduler
  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.this : job.schedule == "* * * * *" && job.time_zone == "Etc/UTC" && job.region == "europe-west1"])
    error_message = "Scheduler jobs must run every minute."
  }
  assert {
    condition = [for job in google_cloud_scheduler_job.this : [job.name, job.http_target[0].http_method, job.http_target[0].uri, job.http_target[0].oidc_token[0].audience, job.http_target[0].oidc_token[0].service_account_email]] == [
      for name in ["chores", "reconcile"] : [name, "POST", "https://j.run.app/${name}", "https://j", "samo-push@p.iam.gserviceaccount.com"]
    ]
    error_message = "Scheduler jobs must call as the push account, with the journal's audience."
  }
  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.this : job.attempt_deadline == "540s" && job.retry_config[0].retry_count == 0])
    error_message = "Scheduler jobs must not retry."
  }

  # -- roles, each on one resource
  assert {
    condition     = google_service_account.push.account_id == "samo-push" && output.push_account == "samo-push@p.iam.gserviceaccount.com"
    error_message = "There must be one push account."
  }
  assert {
    condition = [google_service_account_iam_member.push_tokens.service_account_id, google_service_account_iam_member.push_tokens.role, google_service_account_iam_member.push_tokens.member] == [
      google_service_account.push.name, "roles/iam.serviceAccountTokenCreator", "serviceAccount:service-42@gcp-sa-pubsub.iam.gserviceaccount.com"
    ]
    error_message = "Only Pub/Sub must be able to create tokens of the push account."
  }
  assert {
    condition = [google_service_account_iam_member.deployer.service_account_id, google_service_account_iam_member.deployer.role, google_service_account_iam_member.deployer.member] == [
      google_service_account.push.name, "roles/iam.serviceAccountUser", "serviceAccount:samo-apply@p.iam.gserviceaccount.com"
    ]
    error_message = "Only the applying account must be able to configure subscriptions with the push account."
  }
  assert {
    condition = [for grant in google_pubsub_subscription_iam_member.inspector : [grant.subscription, grant.role, grant.member]] == [
      ["dead-letters-inspection", "roles/pubsub.subscriber", "group:oncall@example.org"]
    ]
    error_message = "Operators must be able to pull dead letters."
  }
  assert {
    condition = [for grant in google_pubsub_topic_iam_member.replayer : [grant.topic, grant.role, grant.member]] == [
      for topic in ["audio.finalized", "entries.emotions-detected", "entries.summarized", "entries.transcribed", "entries.uploaded"] :
      [topic, "roles/pubsub.publisher", "group:oncall@example.org"]
    ]
    error_message = "Operators must be able to publish to the original topics."
  }
  assert {
    condition = toset(concat(
      [for one in google_pubsub_topic.this : one.project], [for one in google_pubsub_subscription.push : one.project],
      [for one in google_pubsub_subscription_iam_member.forwarder : one.project], [for one in google_pubsub_topic_iam_member.replayer : one.project],
      [for one in google_pubsub_subscription_iam_member.inspector : one.project],
      [google_pubsub_subscription.inspection.project, google_service_account.push.project, google_pubsub_topic_iam_member.forwarder.project],
      values(google_cloud_scheduler_job.this)[*].project,
    )) == toset(["p"])
    error_message = "Everything must be in the project."
  }
}

run "a_customer_managed_key_encrypts_every_topic" {
  variables {
    kms_key = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
  }
  assert {
    condition     = alltrue([for topic in google_pubsub_topic.this : topic.kms_key_name == "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"])
    error_message = "Every topic must have the key."
  }
}

run "without_integrators_and_operators" {
  variables {
    webhooks  = []
    operators = []
  }
  assert {
    condition     = length(google_pubsub_subscription.push) == 5 && length(google_pubsub_topic_iam_member.replayer) == 0 && length(google_pubsub_subscription_iam_member.inspector) == 0
    error_message = "There must be no webhook subscription, and no role for operators."
  }
}
