output "address" {
  description = "IP address for the domain's A record."
  value       = google_compute_global_address.this.address
}

output "services" {
  description = "Services that are reachable from the internet."
  value       = keys(google_compute_backend_service.service)
}

output "routes" {
  description = "Path → service; * is every other path."
  value = merge(
    { "*" = var.default_service },
    { for pair in flatten([for service, paths in var.routes : [for path in paths : { path = path, service = service }]]) : pair.path => pair.service },
  )
}
