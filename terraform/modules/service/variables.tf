variable "project" {
  description = "Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of the service."
  type        = string
}

variable "name" {
  description = "Service name; names of event services end in -events."
  type        = string

  validation {
    condition     = endswith(var.name, "-events") == var.event
    error_message = "Names of event services, and only those, end in -events."
  }

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{3,21}[a-z0-9]$", var.name))
    error_message = "name is also part of the service account samo-NAME: 5 to 23 lower-case letters, digits and hyphens."
  }
}

variable "event" {
  description = "Whether it is called by Pub/Sub and Cloud Scheduler; otherwise clients call it through the load balancer."
  type        = bool
}

variable "image" {
  description = "Container image by digest: REGISTRY/NAME@sha256:…"
  type        = string

  validation {
    condition     = can(regex("^[^@:]+(:[0-9]+)?/[^@:]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must be named by digest, without a tag: REGISTRY/NAME@sha256:…"
  }
}

variable "traffic" {
  description = "Traffic split between revisions. A share without a revision goes to the one that runs `image`."
  type = list(object({
    revision = optional(string)
    percent  = number
    tag      = optional(string)
  }))
  default = [{ percent = 100 }]

  validation {
    condition     = sum(var.traffic[*].percent) == 100 && alltrue([for share in var.traffic : share.percent >= 0])
    error_message = "Traffic shares must add up to 100 percent."
  }
}

variable "target" {
  description = "FUNCTION_TARGET of functions-framework, the image's entry point; null if `command` is set."
  type        = string
  default     = null
}

variable "command" {
  description = "Command that replaces the image's entry point and serves HTTP on PORT; null if `target` is set."
  type        = list(string)
  default     = null

  validation {
    condition     = (var.command == null) != (var.target == null)
    error_message = "Set exactly one of target and command."
  }
}

variable "signature" {
  description = "FUNCTION_SIGNATURE_TYPE of the target: http or cloudevent; http for a command."
  type        = string

  validation {
    condition     = contains(["http", "cloudevent"], var.signature)
    error_message = "signature must be http or cloudevent."
  }
}

variable "environment" {
  description = "Environment variables of the application."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Environment variables from Secret Manager: name → secret and version."
  type        = map(object({ secret = string, version = string }))
  default     = {}

  validation {
    condition     = alltrue([for secret in var.secrets : can(regex("^[1-9][0-9]*$", secret.version))])
    error_message = "Secret versions must be numbers: `latest` could change a running service unnoticed."
  }
}

variable "cpu" {
  description = "CPUs per instance."
  type        = number
  default     = 1

  validation {
    condition     = contains([1, 2, 4], var.cpu)
    error_message = "cpu must be 1, 2 or 4: with less than one, Cloud Run allows no concurrent requests."
  }
}

variable "memory" {
  description = "Memory per instance, including its temporary files."
  type        = string
  default     = "512Mi"

  validation {
    condition     = can(regex("^[1-9][0-9]*(Mi|Gi)$", var.memory))
    error_message = "memory must be given in Mi or Gi."
  }
}

variable "execution_environment" {
  description = "gen1 starts faster; gen2 has a full Linux kernel, is faster at long computations and needs at least 512Mi."
  type        = string
  default     = "gen1"

  validation {
    condition     = contains(["gen1", "gen2"], var.execution_environment)
    error_message = "execution_environment must be gen1 or gen2."
  }

  validation {
    condition     = var.execution_environment == "gen1" || !can(regex("^([1-9]?[0-9]|[1-4][0-9][0-9]|50[0-9]|51[01])Mi$", var.memory))
    error_message = "gen2 needs at least 512Mi."
  }
}

variable "stateful" {
  description = "Whether instances keep state for their clients: enables session affinity, and CPU between requests."
  type        = bool
  default     = false
}

variable "concurrency" {
  description = "Concurrent requests per instance."
  type        = number

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 80
    error_message = "concurrency must be between 1 and 80: each request occupies a thread."
  }
}

variable "min_instances" {
  description = "Minimum number of instances across all revisions."
  type        = number
  default     = 0

  validation {
    condition     = var.min_instances >= 0 && var.min_instances <= var.max_instances
    error_message = "min_instances must be between 0 and max_instances."
  }
}

variable "max_instances" {
  description = "Maximum number of instances per revision, which caps the service's cost."
  type        = number

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 1000
    error_message = "max_instances must be between 1 and 1000: without a maximum, cost is unbounded."
  }
}

variable "request_timeout_s" {
  description = "Request timeout in seconds. Cloud Run then answers 504 but does not stop the code."
  type        = number

  validation {
    condition     = var.request_timeout_s >= 1 && var.request_timeout_s <= 3600
    error_message = "request_timeout_s must be between 1 and 3600 (a limit of Cloud Run)."
  }
}

variable "silence_s" {
  description = "Seconds without a response from /health before an instance is restarted; null for the request timeout."
  type        = number
  default     = null
}

variable "push_account" {
  description = "E-mail of the only service account that may call event services."
  type        = string
}

variable "deployer" {
  description = "E-mail of the service account that applies; it may deploy as this service's account."
  type        = string
}

variable "topics" {
  description = "Topics that the service publishes to."
  type        = set(string)
  default     = []
}

variable "bucket" {
  description = "Bucket for recordings, and the service's role on it; null for no access."
  type        = object({ name = string, role = string })
  default     = null

  validation {
    condition     = !can(regex("(?i)admin|owner|editor", var.bucket.role))
    error_message = "A service may read and write objects but not administer the bucket."
  }
}

variable "databases" {
  description = "Firestore databases that the service reads and writes."
  type        = set(string)
  default     = []
}

variable "looks_up_users" {
  description = "Whether the service may look up its callers in Identity Platform."
  type        = bool
  default     = false
}

variable "binary_authorization" {
  description = "Whether only attested images may run."
  type        = bool
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the service."
  type        = bool
}
