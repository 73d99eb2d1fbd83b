# Three service accounts without keys: to build, to plan (read-only) and to apply.

locals {
  accounts = {
    build = "builds, attests and pushes images"
    plan  = "reads what stands, to plan"
    apply = "applies plans"
  }
}

resource "google_service_account" "this" {
  for_each = local.accounts

  project      = var.project
  account_id   = "samo-${each.key}"
  display_name = "SAMO: ${each.value}"
}

# GitHub runners, identified by repository id and ref.
resource "google_iam_workload_identity_pool" "github" {
  project                   = var.project
  workload_identity_pool_id = "github"
  description               = "Runners of the repository ${var.repository_id}"

  depends_on = [google_project_service.this]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  #checkov:skip=CKV_GCP_125:it looks for the repository's name; the number, which nobody can take over, is pinned here
  project                            = var.project
  workload_identity_pool_id          = google_iam_workload_identity_pool.github.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.repository_id == '${var.repository_id}'"

  # A pull request's workflow may carry its target's ref, so the condition checks the event as well.
  attribute_mapping = {
    "google.subject"  = "assertion.sub"
    "attribute.right" = "assertion.ref == '${var.apply_ref}' && assertion.event_name in ['push', 'workflow_dispatch'] ? 'apply' : 'plan'"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "federated" {
  for_each = toset(["plan", "apply"])

  service_account_id = google_service_account.this[each.value].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github.name}/attribute.right/${each.value}"
}

# Cloud Build plans and applies as those accounts, not as its own.
resource "google_service_account_iam_member" "build_as" {
  for_each = toset(["plan", "apply"])

  service_account_id = google_service_account.this[each.value].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.this["build"].member
}
