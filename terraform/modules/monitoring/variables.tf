variable "project" {
  description = "Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of the services, shown in the dashboard's title."
  type        = string
}

variable "environment" {
  description = "dev, staging or prod; part of every title."
  type        = string
}

variable "public_host" {
  description = "Host name that clients call; empty for no uptime check."
  type        = string
  default     = ""
}

variable "services" {
  description = "Cloud Run services by name: whether Pub/Sub calls it (event), its requests last as long as a dictation (live), it is among the most expensive (costly), and its maximum number of instances."
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
  description = "Subscription that holds dead letters for operators."
  type        = string
}

variable "notification_emails" {
  description = "Recipients of alerts."
  type        = list(string)
  default     = []
}

variable "runbook_url" {
  description = "URL of docs/runbook.md, whose sections alerts link to."
  type        = string
}

variable "slo" {
  description = "Objectives over 28 days: shares of good requests and insights, and how long a good one may take."
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
    error_message = "Objectives must be between 0 and 1, exclusive: at 1 there is no error budget."
  }
  validation {
    condition     = alltrue([for name, service in var.services : service.event || service.live || contains(keys(var.slo.latency_ms), name)])
    error_message = "slo.latency_ms must name every public service except live ones."
  }
}

variable "thresholds" {
  description = "Alert thresholds; docs/runbook.md explains each."
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
