variable "project" {
  description = "Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of recordings, journal, backups and logs."
  type        = string
}

variable "bucket" {
  description = "Globally unique name of the bucket for recordings."
  type        = string
}

variable "net_days" {
  description = "Days after which the bucket deletes a recording that the application did not; null if users may keep recordings."
  type        = number
  default     = null

  validation {
    condition     = var.net_days == null || try(var.net_days > var.retention_days, false)
    error_message = "net_days must exceed retention_days, or an event could arrive after its recording was deleted."
  }
}

variable "retention_days" {
  description = "Days an undelivered message is kept in its queue."
  type        = number
}

variable "cors_origins" {
  description = "Origins of web pages that may upload, such as https://journal.example.org."
  type        = list(string)

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https://[^*/]+$", origin))])
    error_message = "Each origin must start with https:// and have no path or wildcard."
  }
}

variable "finalized_topic" {
  description = "Topic notified of finished uploads."
  type        = string
}

variable "indexes" {
  description = "Firestore indexes, the content of indexes.json: fields without an index, single-field and composite indexes, and TTL fields."
  type = object({
    exemptions = list(object({ collection = string, field = string }))
    fields     = list(object({ collection = string, field = string, order = string, query_scope = string }))
    composite = list(object({
      collection  = string
      query_scope = string
      fields      = list(object({ field_path = string, order = optional(string), array_config = optional(string), dimension = optional(number) }))
    }))
    ttl = list(object({ collection = string, field = string }))
  })
}

variable "rules" {
  description = "Firestore security rules, the content of firestore.rules."
  type        = string
}

variable "backup_days" {
  description = "Days each daily backup is kept, and so the days until deleted entries have left the backups."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 30
    error_message = "backup_days must be between 1 and 30: deleted entries must leave the backups within a month."
  }
}

variable "log_days" {
  description = "Log retention in days."
  type        = number
  default     = 90

  validation {
    condition     = var.log_days >= 30 && var.log_days <= 400
    error_message = "log_days must be between 30 and 400."
  }
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the database and the bucket's objects."
  type        = bool
}

variable "kms_key" {
  description = "KMS key that encrypts recordings, journal and secrets; null for Google's own."
  type        = string
  default     = null
}
