variable "project" {
  description = "Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of services and data."
  type        = string
  default     = "europe-west1"
}

variable "domain" {
  description = "Host name that clients call."
  type        = string
}

variable "email" {
  description = "Recipient of alerts."
  type        = string
  default     = "oncall@example.org"
}

variable "registry" {
  description = "Image registry, such as europe-west1-docker.pkg.dev/PROJECT/samo."
  type        = string
}

variable "digests" {
  description = "Digests of the images: transcription, emotion, summarization and journal → sha256:…"
  type        = map(string)
}
