variable "project" {
  description = "Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region in which messages are stored and the scheduler runs."
  type        = string
}

variable "endpoints" {
  description = "Event services by name: run.app address, and the audience of tokens for it."
  type        = map(object({ uri = string, audience = string }))
}

variable "webhooks" {
  description = "Names of the integrators that receive a webhook for every summarized entry."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.webhooks : can(regex("^[a-z][a-z0-9-]{1,40}$", name))])
    error_message = "Names of integrators consist of lower-case letters, digits and hyphens."
  }
}

variable "ack_deadline_s" {
  description = "Seconds Pub/Sub waits for an acknowledgement before it redelivers; longer than a lease."
  type        = number

  validation {
    condition     = var.ack_deadline_s >= 10 && var.ack_deadline_s <= 600
    error_message = "ack_deadline_s must be between 10 and 600 (a limit of Pub/Sub)."
  }
}

variable "request_timeout_s" {
  description = "Seconds the scheduler waits for a response."
  type        = number
}

variable "retention_days" {
  description = "Days an undelivered message is kept."
  type        = number

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 31
    error_message = "retention_days must be between 1 and 31 (a limit of Pub/Sub)."
  }
}

variable "deployer" {
  description = "E-mail of the service account that applies; it may configure subscriptions to call as the push account."
  type        = string
}

variable "operators" {
  description = "Principals that may inspect and replay dead letters, such as group:oncall@example.org."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.operators : can(regex("^(user|group|serviceAccount):[^@]+@", member))])
    error_message = "Each operator must be a user, group or service account."
  }
}

variable "kms_key" {
  description = "KMS key that encrypts topics; null for Google's own."
  type        = string
  default     = null
}
