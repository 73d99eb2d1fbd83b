variable "project" {
  description = "The Google Cloud project."
  type        = string
}

variable "region" {
  description = "Where the service runs."
  type        = string
}

variable "name" {
  description = "The service's name; an event service's ends in -events."
  type        = string

  validation {
    condition     = endswith(var.name, "-events") == var.event
    error_message = "Event services, and only they, are called NAME-events."
  }

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{3,21}[a-z0-9]$", var.name))
    error_message = "The name also names the service account (samo-NAME): 5 to 23 small letters, digits and hyphens."
  }
}

variable "event" {
  description = "Whether Pub/Sub and Cloud Scheduler call it, as their one account; otherwise clients do, through the load balancer."
  type        = bool
}

variable "image" {
  description = "The container image, by digest: REGISTRY/NAME@sha256:…"
  type        = string

  validation {
    condition     = can(regex("^[^@:]+(:[0-9]+)?/[^@:]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Images are deployed by digest alone: REGISTRY/NAME@sha256:…, without a tag."
  }
}

variable "traffic" {
  description = "Which revisions answer: percent each, an optional tag; without a revision, the one of `image`."
  type = list(object({
    revision = optional(string)
    percent  = number
    tag      = optional(string)
  }))
  default = [{ percent = 100 }]

  validation {
    condition     = sum(var.traffic[*].percent) == 100 && alltrue([for share in var.traffic : share.percent >= 0])
    error_message = "The shares of traffic must make 100 percent."
  }
}

variable "target" {
  description = "FUNCTION_TARGET: what functions-framework, the image's own entry point, serves; null: `command` serves."
  type        = string
  default     = null
}

variable "command" {
  description = "What runs in the place of the image's own entry point, answering HTTP on PORT; null where a target is served."
  type        = list(string)
  default     = null

  validation {
    condition     = (var.command == null) != (var.target == null)
    error_message = "A service is either a target of functions-framework or a command of its own."
  }
}

variable "signature" {
  description = "FUNCTION_SIGNATURE_TYPE: how the target is called; http for a command too."
  type        = string

  validation {
    condition     = contains(["http", "cloudevent"], var.signature)
    error_message = "The signature is http or cloudevent."
  }
}

variable "environment" {
  description = "Settings: names of environment variables and their values."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Settings from Secret Manager: name of the environment variable → secret and version."
  type        = map(object({ secret = string, version = string }))
  default     = {}

  validation {
    condition     = alltrue([for secret in var.secrets : can(regex("^[1-9][0-9]*$", secret.version))])
    error_message = "A secret's version is pinned by its number: `latest` would change a running service unseen."
  }
}

variable "cpu" {
  description = "Processors of an instance."
  type        = number
  default     = 1

  validation {
    condition     = contains([1, 2, 4], var.cpu)
    error_message = "1, 2 or 4 processors: with less than one, Cloud Run allows one request at a time."
  }
}

variable "memory" {
  description = "Memory of an instance; its temporary files count too."
  type        = string
  default     = "512Mi"

  validation {
    condition     = can(regex("^[1-9][0-9]*(Mi|Gi)$", var.memory))
    error_message = "Memory is given in Mi or Gi."
  }
}

variable "execution_environment" {
  description = "gen1 starts faster; gen2 is a full Linux kernel, faster at long computations, and takes at least 512Mi."
  type        = string
  default     = "gen1"

  validation {
    condition     = contains(["gen1", "gen2"], var.execution_environment)
    error_message = "The execution environment is gen1 or gen2."
  }

  validation {
    condition     = var.execution_environment == "gen1" || !can(regex("^([1-9]?[0-9]|[1-4][0-9][0-9]|50[0-9]|51[01])Mi$", var.memory))
    error_message = "gen2 takes at least 512Mi."
  }
}

variable "stateful" {
  description = "Whether an instance holds what its clients come back for: they are led back to it, and it keeps its processor between their requests."
  type        = bool
  default     = false
}

variable "concurrency" {
  description = "Requests that one instance answers at the same time."
  type        = number

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 80
    error_message = "1 to 80 requests at a time: each holds a thread."
  }
}

variable "min_instances" {
  description = "Instances kept warm, over all revisions together."
  type        = number
  default     = 0

  validation {
    condition     = var.min_instances >= 0 && var.min_instances <= var.max_instances
    error_message = "Between 0 and max_instances."
  }
}

variable "max_instances" {
  description = "Most instances of one revision: the ceiling of what the service can cost."
  type        = number

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 1000
    error_message = "Between 1 and 1000: a service without a ceiling has no price."
  }
}

variable "request_timeout_s" {
  description = "Seconds after which Cloud Run gives up a request; the code is not stopped."
  type        = number

  validation {
    condition     = var.request_timeout_s >= 1 && var.request_timeout_s <= 3600
    error_message = "Cloud Run takes 1 to 3600 seconds."
  }
}

variable "silence_s" {
  description = "Seconds of silence at /health after which an instance is restarted; null: as long as a request may keep it busy."
  type        = number
  default     = null
}

variable "push_account" {
  description = "E-mail of the one service account that may call event services."
  type        = string
}

variable "deployer" {
  description = "E-mail of the account that applies; it may deploy as this service's account."
  type        = string
}

variable "topics" {
  description = "Topics the service publishes to."
  type        = set(string)
  default     = []
}

variable "bucket" {
  description = "The bucket of the recordings and the role the service has on it, if any."
  type        = object({ name = string, role = string })
  default     = null

  validation {
    condition     = !can(regex("(?i)admin|owner|editor", var.bucket.role))
    error_message = "A service reads and writes objects; it administers no bucket."
  }
}

variable "databases" {
  description = "The Firestore databases the service reads and writes."
  type        = set(string)
  default     = []
}

variable "looks_up_users" {
  description = "Whether the service asks Identity Platform about its callers."
  type        = bool
  default     = false
}

variable "binary_authorization" {
  description = "Whether only attested images start."
  type        = bool
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the service."
  type        = bool
}
