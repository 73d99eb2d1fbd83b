output "topics" {
  description = "Topics: name → id."
  value       = { for name, topic in google_pubsub_topic.this : name => topic.id }
}

output "push_account" {
  description = "E-mail of the one account that calls event services."
  value       = google_service_account.push.email
}

output "subscriptions" {
  description = "Push subscriptions: name → where it delivers."
  value       = { for name, subscription in google_pubsub_subscription.push : name => subscription.push_config[0].push_endpoint }
}

output "ack_deadlines" {
  description = "Seconds each push subscription waits for an answer."
  value       = distinct([for subscription in google_pubsub_subscription.push : subscription.ack_deadline_seconds])
}

output "inspection" {
  description = "The subscription from which a person pulls dead letters."
  value       = google_pubsub_subscription.inspection.name
}
