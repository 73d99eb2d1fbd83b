output "topics" {
  description = "Topic name → id."
  value       = { for name, topic in google_pubsub_topic.this : name => topic.id }
}

output "push_account" {
  description = "E-mail of the only account that calls event services."
  value       = google_service_account.push.email
}

output "subscriptions" {
  description = "Push subscription → endpoint."
  value       = { for name, subscription in google_pubsub_subscription.push : name => subscription.push_config[0].push_endpoint }
}

output "ack_deadlines" {
  description = "Acknowledgement deadlines of the push subscriptions, in seconds."
  value       = distinct([for subscription in google_pubsub_subscription.push : subscription.ack_deadline_seconds])
}

output "inspection" {
  description = "Subscription from which operators pull dead letters."
  value       = google_pubsub_subscription.inspection.name
}
