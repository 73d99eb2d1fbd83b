locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

# The only account that calls event services. Each service grants it access; it has no other permission.
resource "google_service_account" "push" {
  project      = var.project
  account_id   = "samo-push"
  display_name = "SAMO: Pub/Sub and Cloud Scheduler calling event services"
}

resource "google_service_account_iam_member" "push_tokens" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent
}

resource "google_service_account_iam_member" "deployer" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${var.deployer}"
}

# Without both grants a message is never dead-lettered but redelivered indefinitely.
resource "google_pubsub_topic_iam_member" "forwarder" {
  project = var.project
  topic   = google_pubsub_topic.this["dead-letters"].name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "forwarder" {
  for_each = local.forwarded

  project      = var.project
  subscription = google_pubsub_subscription.push[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "inspector" {
  for_each = var.operators

  project      = var.project
  subscription = google_pubsub_subscription.inspection.name
  role         = "roles/pubsub.subscriber"
  member       = each.value
}

# A replayed dead letter is published to its original topic.
resource "google_pubsub_topic_iam_member" "replayer" {
  for_each = {
    for pair in setproduct(var.operators, setsubtract(local.topics, ["dead-letters"])) :
    "${pair[0]} ${pair[1]}" => { member = pair[0], topic = pair[1] }
  }

  project = var.project
  topic   = google_pubsub_topic.this[each.value.topic].name
  role    = "roles/pubsub.publisher"
  member  = each.value.member
}
