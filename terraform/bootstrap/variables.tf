variable "project" {
  description = "Google Cloud project of one environment."
  type        = string
}

variable "region" {
  description = "Region of state, images and builds."
  type        = string
}

variable "repository_id" {
  description = "Numeric GitHub id of the repository (gh api repos/OWNER/NAME --jq .id). Unlike its name, nobody else can take it over."
  type        = string

  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.repository_id))
    error_message = "repository_id must be the numeric id, not the name."
  }
}

variable "apply_ref" {
  description = "The only ref whose pushes may apply."
  type        = string
  default     = "refs/heads/main"

  validation {
    condition     = can(regex("^refs/(heads|tags)/[A-Za-z0-9._/-]+$", var.apply_ref))
    error_message = "ref must be a full ref without wildcards, such as refs/heads/main."
  }
}

variable "kms_key" {
  description = "KMS key that encrypts images, in the same region; null for Google's own."
  type        = string
  default     = null
}
