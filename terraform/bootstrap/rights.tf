locals {
  # Roles that exist only on projects. None of them can read recordings, journal or secrets.
  plan_roles = toset([
    "roles/artifactregistry.reader",
    "roles/cloudscheduler.viewer",
    "roles/compute.viewer",
    "roles/iam.securityReviewer",
    "roles/monitoring.viewer",
    "roles/pubsub.viewer",
    "roles/run.viewer",
    "roles/secretmanager.viewer",
    "roles/serviceusage.serviceUsageConsumer",
  ])

  apply_roles = toset([
    "roles/cloudscheduler.admin",
    "roles/compute.loadBalancerAdmin",
    "roles/compute.securityAdmin",
    "roles/datastore.owner",
    "roles/iam.roleAdmin",
    "roles/iam.serviceAccountAdmin",
    "roles/logging.configWriter",
    "roles/monitoring.editor",
    "roles/pubsub.admin",
    "roles/run.admin",
    "roles/secretmanager.admin",
    "roles/serviceusage.serviceUsageConsumer",
    "roles/storage.admin",
  ])
}

resource "google_project_iam_member" "plan" {
  for_each = local.plan_roles

  project = var.project
  role    = each.value
  member  = google_service_account.this["plan"].member
}

# Google's predefined viewer roles could also read documents, objects or log entries.
resource "google_project_iam_custom_role" "plan" {
  project = var.project
  role_id = "samoPlan"
  title   = "SAMO: reads configuration without content"
  permissions = [
    "datastore.backupSchedules.get",
    "datastore.backupSchedules.list",
    "datastore.databases.getMetadata",
    "datastore.indexes.get",
    "datastore.indexes.list",
    "logging.buckets.get",
    "logging.exclusions.get",
    "logging.logMetrics.get",
    "logging.logMetrics.list",
    "logging.sinks.get",
    "storage.buckets.get",
    "storage.buckets.getIamPolicy",
  ]
}

resource "google_project_iam_member" "plan_configuration" {
  project = var.project
  role    = google_project_iam_custom_role.plan.name
  member  = google_service_account.this["plan"].member
}

resource "google_project_iam_member" "apply" {
  #checkov:skip=CKV_GCP_49:the apply account creates service accounts and grants their use; apply_grants limits what they may do on the project
  for_each = local.apply_roles

  project = var.project
  role    = each.value
  member  = google_service_account.this["apply"].member
}

# It may grant and revoke two project-wide roles: the services' access to Firestore, and to look up users.
resource "google_project_iam_member" "apply_grants" {
  project = var.project
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = google_service_account.this["apply"].member

  condition {
    title      = "the-services-roles-only"
    expression = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/datastore.user', 'roles/identitytoolkit.viewer'])"
  }
}

# Both access Terraform's state; a plan also locks it.
resource "google_storage_bucket_iam_member" "state" {
  for_each = toset(["plan", "apply"])

  bucket = google_storage_bucket.state.name
  role   = "roles/storage.objectUser"
  member = google_service_account.this[each.value].member
}

resource "google_artifact_registry_repository_iam_member" "build" {
  project    = var.project
  location   = var.region
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.this["build"].member
}

resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.build.name
  role   = "roles/storage.objectUser"
  member = google_service_account.this["build"].member
}

resource "google_project_iam_member" "build" {
  for_each = toset(["roles/logging.logWriter", "roles/containeranalysis.occurrences.editor"])

  project = var.project
  role    = each.value
  member  = google_service_account.this["build"].member
}
