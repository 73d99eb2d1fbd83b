variable "environment" {
  description = "Which of the environments this is; each has a Google Cloud project of its own."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environments are dev, staging and prod."
  }
}

variable "deployment" {
  description = "What only the one who deploys can know; see environments/example.tfvars."
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
    error_message = "Public services do not start without an issuer (https://…) and an audience of their clients' ID tokens."
  }

  validation {
    condition     = endswith(var.deployment.deployer, ".gserviceaccount.com")
    error_message = "The deployer is the e-mail of the account that applies: accounts.apply of bootstrap's outputs."
  }

  validation {
    condition     = length(var.deployment.notification_emails) > 0
    error_message = "Somebody must hear the alerts."
  }

  validation {
    condition     = startswith(coalesce(var.deployment.kms_key, "projects/"), "projects/")
    error_message = "The key is projects/P/locations/L/keyRings/R/cryptoKeys/K, in the region of the deployment."
  }
}

variable "images" {
  description = "Container images by digest, one a capability; all of its services run the same."
  type = object({
    transcription = string
    emotion       = string
    summarization = string
    journal       = string
  })
}

variable "traffic" {
  description = "Services whose traffic is split: name → shares of revisions. Every other sends all to its newest."
  type = map(list(object({
    revision = optional(string)
    percent  = number
    tag      = optional(string)
  })))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.traffic) : contains(local.names, name)])
    error_message = "Traffic names a service that does not exist."
  }
}

variable "max_instances" {
  description = "Most instances of a service; 10 where nothing is said. Those that listen to speech are the ceiling of what SAMO can cost, so each has to be said."
  type        = map(number)

  validation {
    condition     = length(setsubtract(local.costly, keys(var.max_instances))) == 0
    error_message = "Say how many instances ${join(", ", local.costly)} may have: they cost the most."
  }

  validation {
    condition     = alltrue([for name in keys(var.max_instances) : contains(local.names, name)])
    error_message = "max_instances names a service that does not exist."
  }
}

variable "min_instances" {
  description = "Instances of a service that are kept warm; none where nothing is said."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.min_instances) : contains(local.names, name)])
    error_message = "min_instances names a service that does not exist."
  }
}

variable "ladder" {
  description = "Seconds: work budget < request timeout < lease < acknowledgement deadline. Each ends before the next begins to doubt it."
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
    error_message = "The ladder must hold: work budget < request timeout < lease < acknowledgement deadline."
  }
}

variable "queue_days" {
  description = "Days a message waits for its subscriber."
  type        = number
  default     = 7
}

variable "audio" {
  description = "How long recordings are kept (until_transcribed, days or kept), and the days after which the bucket's net takes them (not where they are kept)."
  type = object({
    retention      = optional(string, "days")
    retention_days = optional(number, 7)
    net_days       = optional(number, 30)
  })
  default = {}

  validation {
    condition     = contains(["until_transcribed", "days", "kept"], var.audio.retention)
    error_message = "Recordings are kept until_transcribed, for days, or kept."
  }

  validation {
    condition     = var.audio.net_days > var.queue_days + var.audio.retention_days
    error_message = "The net must be longer than a message waits and a recording is kept, together."
  }
}

variable "log_days" {
  description = "Days logs are kept."
  type        = number
  default     = 90
}

variable "binary_authorization" {
  description = "Whether only images that the build attested start."
  type        = bool
  default     = true
}

variable "deletion_protection" {
  description = "Whether services, journal and recordings are protected from being deleted by Terraform."
  type        = bool
  default     = true
}
