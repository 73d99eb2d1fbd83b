variable "project" {
  description = "The Google Cloud project."
  type        = string
}

variable "region" {
  description = "Where the services run."
  type        = string
}

variable "domain" {
  description = "The host name clients call."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "The domain is a host name without a scheme: journal.example.org."
  }
}

variable "routes" {
  description = "Public services: name → paths they answer."
  type        = map(list(string))

  validation {
    condition     = alltrue([for path in flatten(values(var.routes)) : can(regex("^(/[a-z][a-z0-9_]*)+(/\\*)?$", path))])
    error_message = "A path is /name or /name/name, or either with /* behind it; a name begins with a letter."
  }
}

variable "default_service" {
  description = "The public service that answers every other path."
  type        = string
}

variable "requests_per_minute" {
  description = "Requests of one address in a minute before it is told to slow down; limits per person belong to the application."
  type        = number
  default     = 600

  validation {
    condition     = var.requests_per_minute >= 60 && var.requests_per_minute <= 6000
    error_message = "60 to 6000 a minute: many people may share an address."
  }
}

variable "requests_per_minute_to" {
  description = "Paths whose requests take so much that one address has fewer of them in a minute, counted apart: path → requests."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for path in keys(var.requests_per_minute_to) : contains(flatten(values(var.routes)), path) && !endswith(path, "*")])
    error_message = "A limit of its own has a path of the routes, without /* behind it."
  }

  validation {
    condition     = alltrue([for requests in values(var.requests_per_minute_to) : requests >= 60 && requests < var.requests_per_minute])
    error_message = "60 a minute or more, and fewer than all requests of one address."
  }
}

variable "waf_preview" {
  description = "Whether the firewall's ready-made rules only log. What people write looks like anything, so read the log before they block."
  type        = bool
  default     = true
}
