variable "project" {
  description = "The Google Cloud project of one environment."
  type        = string
}

variable "region" {
  description = "Where state, images and builds are kept."
  type        = string
}

variable "repository_id" {
  description = "GitHub's number of the repository (gh api repos/OWNER/NAME --jq .id). A name can be taken over by somebody else; the number cannot."
  type        = string

  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.repository_id))
    error_message = "The repository's number, not its name."
  }
}

variable "apply_ref" {
  description = "The one ref whose pushes may apply."
  type        = string
  default     = "refs/heads/main"

  validation {
    condition     = can(regex("^refs/(heads|tags)/[A-Za-z0-9._/-]+$", var.apply_ref))
    error_message = "A full ref without wildcards: refs/heads/main."
  }
}

variable "kms_key" {
  description = "The key that encrypts images, in the same region; null: Google's own."
  type        = string
  default     = null
}
