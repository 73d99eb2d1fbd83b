variable "project" {
  description = "The Google Cloud project."
  type        = string
}

variable "region" {
  description = "Where the services run; the dashboard's link to their logs names it."
  type        = string
}

variable "environment" {
  description = "dev, staging or prod; part of every title."
  type        = string
}

variable "public_host" {
  description = "The host name clients call; empty: there is none yet, so nothing outside looks whether it answers."
  type        = string
  default     = ""
}

variable "services" {
  description = "Cloud Run services by name: does Pub/Sub call it, do its requests last as long as somebody speaks, is it one of those that cost most, and how many instances it may have."
  type = map(object({
    event         = bool
    live          = optional(bool, false)
    costly        = optional(bool, false)
    max_instances = number
  }))
}

variable "subscriptions" {
  description = "Names of the push subscriptions."
  type        = list(string)
}

variable "dead_letter_subscription" {
  description = "Name of the subscription that holds dead letters for an operator."
  type        = string
}

variable "notification_emails" {
  description = "Who is told."
  type        = list(string)
  default     = []
}

variable "runbook_url" {
  description = "Address of docs/runbook.md; alerts link its sections."
  type        = string
}

variable "slo" {
  description = "Shares of good requests and insights over 28 days, and how long a good one may take."
  type = object({
    availability = optional(number, 0.995)
    latency      = optional(number, 0.95)
    latency_ms = optional(map(number), {
      journal       = 1000
      emotion       = 500
      summarization = 1000
      transcription = 30000
    })
    freshness    = optional(number, 0.95)
    freshness_ms = optional(number, 60000)
  })
  default = {}

  validation {
    condition     = alltrue([for share in [var.slo.availability, var.slo.latency, var.slo.freshness] : share > 0 && share < 1])
    error_message = "A share lies between 0 and 1: an objective of 1 has no error budget to burn."
  }
  validation {
    condition     = alltrue([for name, service in var.services : service.event || service.live || contains(keys(var.slo.latency_ms), name)])
    error_message = "slo.latency_ms names every public service that answers at once."
  }
}

variable "thresholds" {
  description = "Above which values somebody is told; see docs/runbook.md for what each means."
  type = object({
    server_error_share        = optional(number, 0.05)
    oldest_message_s          = optional(number, 1800)
    unusable_recordings_hour  = optional(number, 20)
    woken_quarter_hour        = optional(number, 750)
    cold_start_ms             = optional(number, 10000)
    empty_insight_share       = optional(number, 0.3)
    webhook_failures_per_hour = optional(number, 20)
  })
  default = {}
}
