output "address" {
  description = "The address that the domain's A record names."
  value       = google_compute_global_address.this.address
}

output "services" {
  description = "The services that can be reached from outside."
  value       = keys(google_compute_backend_service.service)
}

output "routes" {
  description = "Paths: path → service; * is every other."
  value = merge(
    { "*" = var.default_service },
    { for pair in flatten([for service, paths in var.routes : [for path in paths : { path = path, service = service }]]) : pair.path => pair.service },
  )
}
