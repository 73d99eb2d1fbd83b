output "name" {
  description = "Service name."
  value       = google_cloud_run_v2_service.this.name
}

output "uri" {
  description = "run.app address."
  value       = google_cloud_run_v2_service.this.uri
}

output "audience" {
  description = "Audience of its callers' tokens (event services)."
  value       = local.audience
}

output "account" {
  description = "E-mail of the service's account."
  value       = google_service_account.this.email
}

output "revision" {
  description = "Newest ready revision, which `traffic` can name to keep serving it after a new image is deployed."
  value       = google_cloud_run_v2_service.this.latest_ready_revision
}

output "grants" {
  description = "Every role of the service's account, with its resource."
  value = concat(
    [for grant in google_pubsub_topic_iam_member.publisher : "${grant.role} on topic ${grant.topic}"],
    [for grant in google_storage_bucket_iam_member.objects : "${grant.role} on bucket ${grant.bucket}"],
    [for grant in google_project_iam_member.database : "${grant.role} where ${grant.condition[0].expression}"],
    [for grant in google_project_iam_member.sign_ins : "${grant.role} on project ${grant.project}"],
    [for grant in google_secret_manager_secret_iam_member.reader : "${grant.role} on secret ${grant.secret_id}"],
  )
}

output "settings" {
  description = "Configuration of the service, for review and tests."
  value = {
    event       = var.event
    image       = google_cloud_run_v2_service.this.template[0].containers[0].image
    command     = google_cloud_run_v2_service.this.template[0].containers[0].command
    environment = { for variable in google_cloud_run_v2_service.this.template[0].containers[0].env : variable.name => variable.value if length(variable.value_source) == 0 }
    secrets     = { for variable in google_cloud_run_v2_service.this.template[0].containers[0].env : variable.name => variable.value_source[0].secret_key_ref[0].version if length(variable.value_source) > 0 }
    concurrency = google_cloud_run_v2_service.this.template[0].max_instance_request_concurrency
    execution   = google_cloud_run_v2_service.this.template[0].execution_environment
    limits      = google_cloud_run_v2_service.this.template[0].containers[0].resources[0].limits
    instances   = [google_cloud_run_v2_service.this.scaling[0].min_instance_count, google_cloud_run_v2_service.this.template[0].scaling[0].max_instance_count]
    timeout     = google_cloud_run_v2_service.this.template[0].timeout
    affinity    = google_cloud_run_v2_service.this.template[0].session_affinity
    cpu_idle    = google_cloud_run_v2_service.this.template[0].containers[0].resources[0].cpu_idle
    ingress     = google_cloud_run_v2_service.this.ingress
    invokers    = google_cloud_run_v2_service_iam_member.invoker[*].member
    traffic     = [for share in google_cloud_run_v2_service.this.traffic : join(" ", compact([tostring(share.percent), share.revision, share.tag]))]
  }
}
