# Typed and checked in modules/samo; ../example.tfvars shows every field.

variable "deployment" {
  description = "What only the one who deploys can know."
  type        = any
}

variable "images" {
  description = "Container images by digest, one a capability."
  type        = any
}

variable "traffic" {
  description = "Services whose traffic is split between revisions."
  type        = any
  default     = {}
}

output "samo" {
  description = "Address, routes, revisions, rights and settings of what runs."
  value       = module.samo
}
