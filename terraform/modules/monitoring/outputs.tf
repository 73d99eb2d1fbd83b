output "dashboard" {
  description = "The dashboard's resource name."
  value       = google_monitoring_dashboard.samo.id
}

output "runbook_anchors" {
  description = "Sections of docs/runbook.md that alerts link."
  value       = local.anchors
}
