output "address" {
  description = "The address that the domain's A record must name."
  value       = module.edge.address
}

output "routes" {
  description = "Paths of the domain: path → service."
  value       = module.edge.routes
}

output "revisions" {
  description = "The newest ready revision of each service: what `traffic` can hold on to while a new image is tried."
  value       = { for name, service in module.service : name => service.revision }
}

output "services" {
  description = "How each service runs."
  value       = { for name, service in module.service : name => service.settings }
}

output "grants" {
  description = "Who may do what: every right of every service's account."
  value       = { for name, service in module.service : name => service.grants }
}

output "subscriptions" {
  description = "Push subscriptions: name → where it delivers."
  value       = module.pipeline.subscriptions
}

output "ladder" {
  description = "The seconds as they came out on event services: work budget, request timeout, lease, acknowledgement deadlines."
  value = {
    work_budget_s     = distinct([for service in module.service : tonumber(service.settings.environment.SAMO_WORK_BUDGET_S) if service.settings.event])
    request_timeout_s = distinct([for service in module.service : tonumber(trimsuffix(service.settings.timeout, "s")) if service.settings.event])
    lease_s           = distinct([for service in module.service : tonumber(service.settings.environment.SAMO_LEASE_S) if service.settings.event])
    ack_deadline_s    = module.pipeline.ack_deadlines
  }
}

output "bucket" {
  description = "The bucket of the recordings."
  value       = module.data.bucket
}

output "log_bucket" {
  description = "Where the logs are kept."
  value       = module.data.log_bucket
}

output "environment" {
  description = "Which of the environments this is."
  value       = var.environment
}

output "binary_authorization" {
  description = "Whether only attested images start."
  value       = var.binary_authorization
}

output "deletion_protection" {
  description = "Whether Terraform refuses to delete what cannot be made again."
  value       = var.deletion_protection
}

output "log_days" {
  description = "Days logs are kept."
  value       = var.log_days
}
