variable "environment" {
  description = "dev, staging or prod; each has its own Google Cloud project."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be dev, staging or prod."
  }
}

variable "deployment" {
  description = "Facts about the deployment; environments/example.tfvars shows every field."
  type = object({
    project             = string
    region              = string
    domain              = string
    auth_issuer         = string
    auth_audience       = string
    auth_web_api_key    = optional(string, "")
    deployer            = string
    runbook_url         = string
    notification_emails = list(string)
    operators           = optional(list(string), [])
    cors_origins        = optional(list(string), [])
    webhooks            = optional(object({ names = list(string), version = string }))
    budget              = optional(object({ billing_account = string, amount = number, currency = string }))
    kms_key             = optional(string)
  })

  validation {
    condition     = startswith(var.deployment.auth_issuer, "https://") && var.deployment.auth_audience != ""
    error_message = "auth_issuer (https://…) and auth_audience are required: public services do not start without them."
  }

  validation {
    condition     = endswith(var.deployment.deployer, ".gserviceaccount.com")
    error_message = "deployer must be the e-mail of the service account that applies: accounts.apply in bootstrap's outputs."
  }

  validation {
    condition     = length(var.deployment.notification_emails) > 0
    error_message = "notification_emails must name at least one recipient of alerts."
  }

  validation {
    condition     = startswith(coalesce(var.deployment.kms_key, "projects/"), "projects/")
    error_message = "kms_key must be projects/P/locations/L/keyRings/R/cryptoKeys/K, in the region of the deployment."
  }
}

variable "images" {
  description = "Container images by digest, one per capability; all services of a capability run the same image."
  type = object({
    transcription = string
    emotion       = string
    summarization = string
    journal       = string
  })
}

variable "traffic" {
  description = "Traffic splits: service → shares of revisions. All other services send everything to their newest revision."
  type = map(list(object({
    revision = optional(string)
    percent  = number
    tag      = optional(string)
  })))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.traffic) : contains(local.names, name)])
    error_message = "traffic names a service that does not exist."
  }
}

variable "max_instances" {
  description = "Maximum number of instances by service, 10 by default. Required for the services that process speech, which cap what SAMO can cost."
  type        = map(number)

  validation {
    condition     = length(setsubtract(local.costly, keys(var.max_instances))) == 0
    error_message = "max_instances is required for ${join(", ", local.costly)}, which cost the most."
  }

  validation {
    condition     = alltrue([for name in keys(var.max_instances) : contains(local.names, name)])
    error_message = "max_instances names a service that does not exist."
  }
}

variable "min_instances" {
  description = "Minimum number of instances by service, 0 by default."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.min_instances) : contains(local.names, name)])
    error_message = "min_instances names a service that does not exist."
  }
}

variable "ladder" {
  description = "Time limits in seconds: work budget < request timeout < lease < acknowledgement deadline, so that each ends before the next takes effect."
  type = object({
    work_budget_s     = optional(number, 480)
    request_timeout_s = optional(number, 540)
    lease_s           = optional(number, 570)
    ack_deadline_s    = optional(number, 600)
  })
  default = {}

  validation {
    condition = (
      var.ladder.work_budget_s < var.ladder.request_timeout_s &&
      var.ladder.request_timeout_s < var.ladder.lease_s &&
      var.ladder.lease_s < var.ladder.ack_deadline_s
    )
    error_message = "The limits must increase: work budget < request timeout < lease < acknowledgement deadline."
  }
}

variable "settings" {
  description = "Application settings by name, in lower case and without SAMO_, such as { quota_entries_per_hour = 60 }. Others keep their defaults."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.settings), concat(local.operator_settings, keys(local.reserved_settings)))) == 0
    error_message = "Unknown settings: ${join(", ", setsubtract(keys(var.settings), concat(local.operator_settings, keys(local.reserved_settings))))}."
  }

  validation {
    condition     = length(setintersection(keys(var.settings), keys(local.reserved_settings))) == 0
    error_message = "Not set here: ${join(", ", [for name in setintersection(keys(var.settings), keys(local.reserved_settings)) : "${name} (by ${local.reserved_settings[name]})"])}."
  }

  validation {
    condition     = alltrue([for name in local.numeric_settings : can(regex("^[1-9][0-9]{0,11}$", lookup(var.settings, name, "1")))])
    error_message = "These settings must be positive integers: ${join(", ", [for name in local.numeric_settings : name if !can(regex("^[1-9][0-9]{0,11}$", lookup(var.settings, name, "1")))])}."
  }

  validation {
    condition     = alltrue([for name, values in local.enumerated_settings : contains(values, lookup(var.settings, name, values[0]))])
    error_message = "Allowed values: ${join("; ", [for name, values in local.enumerated_settings : "${name}: ${join(", ", values)}" if !contains(values, lookup(var.settings, name, values[0]))])}."
  }

  validation {
    condition     = try(tonumber(var.settings.dictation_minutes) <= local.longest_dictation_minutes, true)
    error_message = "dictation_minutes must be at most ${local.longest_dictation_minutes}: longer dictations exceed a connection and an instance's memory."
  }

  validation {
    condition     = try(tonumber(var.settings.max_body_bytes) <= local.largest_body_bytes, true)
    error_message = "max_body_bytes must be at most ${local.largest_body_bytes}: Cloud Run refuses larger requests."
  }

  validation {
    condition     = startswith(lookup(var.settings, "auth_keys", "https://"), "https://")
    error_message = "auth_keys must be an https:// URL."
  }
}

variable "queue_days" {
  description = "Days an undelivered message is kept."
  type        = number
  default     = 7
}

variable "audio" {
  description = "Retention of recordings: until_transcribed, days or kept. The bucket deletes any left after net_days, unless they are kept."
  type = object({
    retention      = optional(string, "days")
    retention_days = optional(number, 7)
    net_days       = optional(number, 30)
  })
  default = {}

  validation {
    condition     = contains(["until_transcribed", "days", "kept"], var.audio.retention)
    error_message = "audio.retention must be until_transcribed, days or kept."
  }

  validation {
    condition     = var.audio.net_days > var.queue_days + var.audio.retention_days
    error_message = "audio.net_days must exceed queue_days and audio.retention_days together."
  }
}

variable "log_days" {
  description = "Log retention in days."
  type        = number
  default     = 90
}

variable "binary_authorization" {
  description = "Whether only images attested by the build may run."
  type        = bool
  default     = true
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete services, journal and recordings."
  type        = bool
  default     = true
}
