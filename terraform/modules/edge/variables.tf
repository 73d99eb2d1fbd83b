variable "project" {
  description = "Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of the services."
  type        = string
}

variable "domain" {
  description = "Host name that clients call."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a host name without a scheme, such as journal.example.org."
  }
}

variable "routes" {
  description = "Public services by name, with the paths each one serves."
  type        = map(list(string))

  validation {
    condition     = alltrue([for path in flatten(values(var.routes)) : can(regex("^(/[a-z][a-z0-9_]*)+(/\\*)?$", path))])
    error_message = "A path must be /name or /name/name, optionally followed by /*; each name starts with a letter."
  }
}

variable "default_service" {
  description = "Public service for all other paths."
  type        = string
}

variable "requests_per_minute" {
  description = "Requests per minute from one IP address before it gets 429. Per-user limits are the application's."
  type        = number
  default     = 600

  validation {
    condition     = var.requests_per_minute >= 60 && var.requests_per_minute <= 6000
    error_message = "requests_per_minute must be between 60 and 6000: many users may share an address."
  }
}

variable "requests_per_minute_to" {
  description = "Lower per-minute limits for expensive paths, counted separately: path → requests per minute from one IP address."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for path in keys(var.requests_per_minute_to) : contains(flatten(values(var.routes)), path) && !endswith(path, "*")])
    error_message = "A separate limit must name a path of routes, without /*."
  }

  validation {
    condition     = alltrue([for requests in values(var.requests_per_minute_to) : requests >= 60 && requests < var.requests_per_minute])
    error_message = "A separate limit must be at least 60 and below requests_per_minute."
  }
}

variable "waf_preview" {
  description = "Whether the preconfigured firewall rules only log matches. Journal text can trigger them, so check the log before you let them block."
  type        = bool
  default     = true
}
