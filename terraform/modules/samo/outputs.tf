output "address" {
  description = "IP address for the domain's A record."
  value       = module.edge.address
}

output "routes" {
  description = "Path of the domain → service."
  value       = module.edge.routes
}

output "revisions" {
  description = "Newest ready revision of each service, which `traffic` can name to keep serving it while a new image is tried."
  value       = { for name, service in module.service : name => service.revision }
}

output "services" {
  description = "Configuration of each service."
  value       = { for name, service in module.service : name => service.settings }
}

output "grants" {
  description = "Every role of every service's account, with its resource."
  value       = { for name, service in module.service : name => service.grants }
}

output "subscriptions" {
  description = "Push subscription → endpoint."
  value       = module.pipeline.subscriptions
}

output "ladder" {
  description = "Time limits of event services in seconds: work budget, request timeout, lease, acknowledgement deadlines."
  value = {
    work_budget_s     = distinct([for service in module.service : tonumber(service.settings.environment.SAMO_WORK_BUDGET_S) if service.settings.event])
    request_timeout_s = distinct([for service in module.service : tonumber(trimsuffix(service.settings.timeout, "s")) if service.settings.event])
    lease_s           = distinct([for service in module.service : tonumber(service.settings.environment.SAMO_LEASE_S) if service.settings.event])
    ack_deadline_s    = module.pipeline.ack_deadlines
  }
}

output "bucket" {
  description = "Bucket for recordings."
  value       = module.data.bucket
}

output "log_bucket" {
  description = "Log bucket."
  value       = module.data.log_bucket
}

output "environment" {
  description = "dev, staging or prod."
  value       = var.environment
}

output "binary_authorization" {
  description = "Whether only attested images may run."
  value       = var.binary_authorization
}

output "deletion_protection" {
  description = "Whether Terraform refuses to delete services, journal and recordings."
  value       = var.deletion_protection
}

output "log_days" {
  description = "Log retention in days."
  value       = var.log_days
}
