# modules/samo declares types and validates; ../example.tfvars shows every field.

variable "deployment" {
  description = "Facts about the deployment."
  type        = any
}

variable "images" {
  description = "Container images by digest, one per capability."
  type        = any
}

variable "traffic" {
  description = "Traffic splits between revisions, by service."
  type        = any
  default     = {}
}

variable "settings" {
  description = "Application settings that differ from their defaults."
  type        = map(string)
  default     = {}
}

output "samo" {
  description = "All outputs of modules/samo."
  value       = module.samo
}
