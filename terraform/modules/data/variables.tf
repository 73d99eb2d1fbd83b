variable "project" {
  description = "The Google Cloud project."
  type        = string
}

variable "region" {
  description = "Where recordings, the journal, its backups and logs are kept."
  type        = string
}

variable "bucket" {
  description = "Name of the bucket of the recordings; unique in the world."
  type        = string
}

variable "net_days" {
  description = "Days after which a recording goes even if the application never deleted it; null where people may keep theirs."
  type        = number
  default     = null

  validation {
    condition     = var.net_days == null || try(var.net_days > var.retention_days, false)
    error_message = "The net must be longer than messages wait in their queues: an event would find its recording gone."
  }
}

variable "retention_days" {
  description = "Days a message may wait in a queue."
  type        = number
}

variable "cors_origins" {
  description = "Web pages that may upload, such as https://journal.example.org."
  type        = list(string)

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https://[^*/]+$", origin))])
    error_message = "Origins are named one by one, with https:// and without a path or wildcard."
  }
}

variable "finalized_topic" {
  description = "The topic that hears of finished uploads."
  type        = string
}

variable "indexes" {
  description = "Firestore's indexes, as functions/shared/backends/gcp/indexes.json says: fields without any, single fields with one, composite ones, and expiry."
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
  description = "Firestore's security rules, as functions/shared/backends/gcp/firestore.rules says."
  type        = string
}

variable "backup_days" {
  description = "Days a daily backup is kept; what a person deleted is gone from backups after as many."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 30
    error_message = "1 to 30 days: a deleted entry must not live on in backups for longer than a month."
  }
}

variable "log_days" {
  description = "Days logs are kept."
  type        = number
  default     = 90

  validation {
    condition     = var.log_days >= 30 && var.log_days <= 400
    error_message = "30 to 400 days."
  }
}

variable "deletion_protection" {
  description = "Whether the database and the bucket's objects are protected from being deleted by Terraform."
  type        = bool
}

variable "kms_key" {
  description = "The key that encrypts recordings, journal and secrets; null: Google's own."
  type        = string
  default     = null
}
