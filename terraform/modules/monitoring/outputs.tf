output "dashboard" {
  description = "Resource name of the dashboard."
  value       = google_monitoring_dashboard.samo.id
}

output "runbook_anchors" {
  description = "Anchors in docs/runbook.md that alerts link to."
  value       = local.anchors
}
