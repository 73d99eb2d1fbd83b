variable "project" {
  description = "The Google Cloud project."
  type        = string
}

variable "region" {
  description = "Where messages may be stored, and where the scheduler runs."
  type        = string
}

variable "endpoints" {
  description = "Event services: name → run.app address, and whom tokens for it are for."
  type        = map(object({ uri = string, audience = string }))
}

variable "webhooks" {
  description = "Names of the integrators that are told of every summarized entry."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.webhooks : can(regex("^[a-z][a-z0-9-]{1,40}$", name))])
    error_message = "An integrator's name is made of small letters, digits and hyphens."
  }
}

variable "ack_deadline_s" {
  description = "Seconds Pub/Sub waits for an answer before it delivers again; longer than a lease."
  type        = number

  validation {
    condition     = var.ack_deadline_s >= 10 && var.ack_deadline_s <= 600
    error_message = "Pub/Sub takes 10 to 600 seconds."
  }
}

variable "request_timeout_s" {
  description = "Seconds the scheduler waits for an answer."
  type        = number
}

variable "retention_days" {
  description = "Days a message waits for its subscriber."
  type        = number

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 31
    error_message = "Pub/Sub keeps messages 1 to 31 days."
  }
}

variable "deployer" {
  description = "E-mail of the account that applies; it may let subscriptions call as the push account."
  type        = string
}

variable "operators" {
  description = "Who may inspect and replay dead letters, such as group:oncall@example.org."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.operators : can(regex("^(user|group|serviceAccount):[^@]+@", member))])
    error_message = "An operator is a named user, group or service account."
  }
}

variable "kms_key" {
  description = "The key that encrypts topics; null: Google's own."
  type        = string
  default     = null
}
