# Planned, not applied: a test could not clean up what has prevent_destroy.

mock_provider "google" {
  override_during = plan

  mock_resource "google_iam_workload_identity_pool_provider" {
    defaults = { name = "provider" }
  }
  mock_resource "google_artifact_registry_repository" {
    defaults = { name = "repository" }
  }
  mock_resource "google_kms_key_ring" {
    defaults = { id = "ring" }
  }
  mock_resource "google_kms_crypto_key" {
    defaults = { id = "key" }
  }
  mock_data "google_project" {
    defaults = { number = "42" }
  }
}

override_resource {
  override_during = plan
  target          = google_storage_bucket.state
}
override_resource {
  override_during = plan
  target          = google_service_account.this["build"]
  values          = { email = "build@p", member = "serviceAccount:build@p", name = "accounts/build" }
}
override_resource {
  override_during = plan
  target          = google_service_account.this["plan"]
  values          = { email = "plan@p", member = "serviceAccount:plan@p", name = "accounts/plan" }
}
override_resource {
  override_during = plan
  target          = google_service_account.this["apply"]
  values          = { email = "apply@p", member = "serviceAccount:apply@p", name = "accounts/apply" }
}
override_resource {
  override_during = plan
  target          = google_iam_workload_identity_pool.github
  values          = { name = "projects/42/locations/global/workloadIdentityPools/github" }
}
override_resource {
  override_during = plan
  target          = google_project_iam_custom_role.plan
  values          = { name = "projects/p/roles/samoPlan" }
}

variables {
  project       = "p"
  region        = "europe-west1"
  repository_id = "123456"
}

run "only_our_repository_may_authenticate" {
  command = plan

  assert {
    condition     = google_iam_workload_identity_pool_provider.github.attribute_condition == "assertion.repository_id == '123456'" && google_iam_workload_identity_pool_provider.github.oidc[0].issuer_uri == "https://token.actions.githubusercontent.com"
    error_message = "The provider must be bound to the repository's id."
  }
  assert {
    condition = google_iam_workload_identity_pool_provider.github.attribute_mapping == tomap({
      "google.subject"  = "assertion.sub"
      "attribute.right" = "assertion.ref == 'refs/heads/main' && assertion.event_name in ['push', 'workflow_dispatch'] ? 'apply' : 'plan'"
    })
    error_message = "Only a push to the ref must be able to apply; a pull request may plan."
  }
  assert {
    condition = toset([for grant in google_service_account_iam_member.federated : "${grant.service_account_id} ${grant.role} ${grant.member}"]) == toset([
      "accounts/plan roles/iam.workloadIdentityUser principalSet://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/github/attribute.right/plan",
      "accounts/apply roles/iam.workloadIdentityUser principalSet://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/github/attribute.right/apply",
    ])
    error_message = "Runners must be able to impersonate only the account of their ref."
  }
  assert {
    condition     = google_iam_workload_identity_pool.github.workload_identity_pool_id == "github" && google_iam_workload_identity_pool_provider.github.workload_identity_pool_id == "github" && google_iam_workload_identity_pool_provider.github.workload_identity_pool_provider_id == "github" && output.identity_provider == "provider"
    error_message = "The provider must be in the pool."
  }

  # -- accounts and their roles
  assert {
    condition     = { for name, one in google_service_account.this : name => one.account_id } == { build = "samo-build", plan = "samo-plan", apply = "samo-apply" } && output.accounts == { build = "build@p", plan = "plan@p", apply = "apply@p" }
    error_message = "There must be three accounts."
  }
  assert {
    condition = toset([for grant in google_project_iam_member.plan : "${grant.member} ${grant.role}"]) == toset([for role in [
      "artifactregistry.reader", "cloudscheduler.viewer", "compute.viewer", "iam.securityReviewer", "monitoring.viewer", "pubsub.viewer", "run.viewer", "secretmanager.viewer", "serviceusage.serviceUsageConsumer"
    ] : "serviceAccount:plan@p roles/${role}"])
    error_message = "plan must be read-only, without access to content."
  }
  assert {
    condition = "${google_project_iam_member.plan_configuration.member} ${google_project_iam_member.plan_configuration.role}" == "serviceAccount:plan@p projects/p/roles/samoPlan" && google_project_iam_custom_role.plan.role_id == "samoPlan" && toset(google_project_iam_custom_role.plan.permissions) == toset([
      "datastore.backupSchedules.get", "datastore.backupSchedules.list", "datastore.databases.getMetadata", "datastore.indexes.get", "datastore.indexes.list", "logging.buckets.get", "logging.exclusions.get",
      "logging.logMetrics.get", "logging.logMetrics.list", "logging.sinks.get", "storage.buckets.get", "storage.buckets.getIamPolicy"
    ])
    error_message = "plan must only read the configuration of databases, buckets and logs."
  }
  assert {
    condition = toset([for grant in google_project_iam_member.apply : "${grant.member} ${grant.role}"]) == toset([for role in [
      "cloudscheduler.admin", "compute.loadBalancerAdmin", "compute.securityAdmin", "datastore.owner", "iam.roleAdmin", "iam.serviceAccountAdmin", "logging.configWriter", "monitoring.editor", "pubsub.admin",
      "run.admin", "secretmanager.admin", "serviceusage.serviceUsageConsumer", "storage.admin"
    ] : "serviceAccount:apply@p roles/${role}"])
    error_message = "The roles of apply have changed."
  }
  assert {
    condition = [google_project_iam_member.apply_grants.member, google_project_iam_member.apply_grants.role, google_project_iam_member.apply_grants.condition[0].expression] == [
      "serviceAccount:apply@p", "roles/resourcemanager.projectIamAdmin", "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/datastore.user', 'roles/identitytoolkit.viewer'])"
    ]
    error_message = "apply must only be able to grant the two listed roles, and none to itself."
  }
  assert {
    condition = toset([for grant in google_storage_bucket_iam_member.state : "${grant.member} ${grant.role} ${grant.bucket}"]) == toset([
      "serviceAccount:plan@p roles/storage.objectUser p-tfstate", "serviceAccount:apply@p roles/storage.objectUser p-tfstate"
    ])
    error_message = "plan and apply must both have access to the state."
  }
  assert {
    condition = toset([for grant in google_service_account_iam_member.build_as : "${grant.member} ${grant.role} ${grant.service_account_id}"]) == toset([
      "serviceAccount:build@p roles/iam.serviceAccountTokenCreator accounts/plan", "serviceAccount:build@p roles/iam.serviceAccountTokenCreator accounts/apply"
    ])
    error_message = "The build must plan and apply as those accounts."
  }
  assert {
    condition = toset([for grant in google_project_iam_member.build : "${grant.member} ${grant.role}"]) == toset([
      "serviceAccount:build@p roles/logging.logWriter", "serviceAccount:build@p roles/containeranalysis.occurrences.editor"
    ])
    error_message = "The build must be able to write its log and its attestations."
  }
  assert {
    condition = [google_artifact_registry_repository_iam_member.build.member, google_artifact_registry_repository_iam_member.build.role, google_artifact_registry_repository_iam_member.build.repository, google_artifact_registry_repository_iam_member.build.location] == [
      "serviceAccount:build@p", "roles/artifactregistry.writer", "repository", "europe-west1"
    ]
    error_message = "The build must only be able to push to one repository."
  }
  assert {
    condition     = [google_storage_bucket_iam_member.build.member, google_storage_bucket_iam_member.build.role, google_storage_bucket_iam_member.build.bucket] == ["serviceAccount:build@p", "roles/storage.objectUser", "p-build"]
    error_message = "The build must be able to read its sources."
  }

  # -- attestation
  assert {
    condition = [google_binary_authorization_policy.this.default_admission_rule[0].evaluation_mode, google_binary_authorization_policy.this.default_admission_rule[0].enforcement_mode, google_binary_authorization_policy.this.global_policy_evaluation_mode] == [
      "REQUIRE_ATTESTATION", "ENFORCED_BLOCK_AND_AUDIT_LOG", "ENABLE"
    ]
    error_message = "Images without attestation must be blocked."
  }
  assert {
    condition     = google_binary_authorization_policy.this.default_admission_rule[0].require_attestations_by == toset(["samo-gate"]) && google_binary_authorization_attestor.gate.name == "samo-gate" && length(google_binary_authorization_policy.this.admission_whitelist_patterns) == 0
    error_message = "The attestor must be required without exceptions."
  }
  assert {
    condition     = google_binary_authorization_attestor.gate.attestation_authority_note[0].note_reference == "samo-gate"
    error_message = "The attestor must have the key."
  }
  assert {
    condition     = google_kms_crypto_key.attestation.purpose == "ASYMMETRIC_SIGN" && google_kms_crypto_key.attestation.version_template[0].algorithm == "EC_SIGN_P256_SHA256" && google_kms_crypto_key.attestation.version_template[0].protection_level == "SOFTWARE" && google_kms_key_ring.attestation.location == "europe-west1" && google_kms_crypto_key.attestation.key_ring == "ring" && data.google_kms_crypto_key_version.attestation.crypto_key == "key"
    error_message = "The signing key must be in the region."
  }
  assert {
    condition = [google_kms_crypto_key_iam_member.build.crypto_key_id, google_kms_crypto_key_iam_member.build.role, google_kms_crypto_key_iam_member.build.member, google_container_analysis_note_iam_member.build.note, google_container_analysis_note_iam_member.build.role, google_container_analysis_note_iam_member.build.member, google_binary_authorization_attestor_iam_member.build.attestor, google_binary_authorization_attestor_iam_member.build.role, google_binary_authorization_attestor_iam_member.build.member] == [
      "key", "roles/cloudkms.signerVerifier", "serviceAccount:build@p", "samo-gate", "roles/containeranalysis.notes.attacher", "serviceAccount:build@p", "samo-gate", "roles/binaryauthorization.attestorsViewer", "serviceAccount:build@p"
    ]
    error_message = "Only the build must be able to sign, with that key, for that attestor."
  }
  assert {
    condition     = output.attestor.attestor == "samo-gate"
    error_message = "Outputs: unexpected."
  }

  # -- images, state and sources
  assert {
    condition     = google_artifact_registry_repository.images.format == "DOCKER" && google_artifact_registry_repository.images.docker_config[0].immutable_tags && google_artifact_registry_repository.images.location == "europe-west1" && google_artifact_registry_repository.images.kms_key_name == null && google_artifact_registry_repository.images.vulnerability_scanning_config[0].enablement_config == "INHERITED"
    error_message = "Tags must be immutable."
  }
  assert {
    condition = jsonencode([for policy in google_artifact_registry_repository.images.cleanup_policies : [policy.action, policy.most_recent_versions[*].keep_count, policy.condition[*].older_than, policy.condition[*].tag_state]]) == jsonencode([
      ["DELETE", [], ["7776000s"], ["ANY"]], ["KEEP", [20], [], []]
    ]) && length(google_artifact_registry_repository.images.cleanup_policies) == 2
    error_message = "The registry must keep the last 20 images and delete others after 90 days: ${jsonencode(google_artifact_registry_repository.images.cleanup_policies)}"
  }
  assert {
    condition     = output.registry == "europe-west1-docker.pkg.dev/p/samo" && output.state_bucket == "p-tfstate" && output.build_bucket == "p-build"
    error_message = "Outputs: unexpected."
  }
  assert {
    condition     = alltrue([for one in [google_storage_bucket.state, google_storage_bucket.build] : one.uniform_bucket_level_access && one.public_access_prevention == "enforced" && one.location == "europe-west1"])
    error_message = "Neither bucket may be public or have object ACLs."
  }
  assert {
    condition     = google_storage_bucket.state.versioning[0].enabled && !coalesce(google_storage_bucket.state.force_destroy, false) && jsonencode([for rule in google_storage_bucket.state.lifecycle_rule : [one(rule.action).type, one(rule.condition).num_newer_versions, one(rule.condition).with_state]]) == jsonencode([["Delete", 50, "ARCHIVED"]])
    error_message = "The state bucket must keep versions."
  }
  assert {
    condition     = google_storage_bucket.build.force_destroy && jsonencode([for rule in google_storage_bucket.build.lifecycle_rule : [one(rule.action).type, one(rule.condition).age]]) == jsonencode([["Delete", 30]])
    error_message = "Sources must be deleted after a month."
  }
  assert {
    condition     = alltrue([for one in google_project_service.this : !one.disable_on_destroy && one.project == "p"]) && length(google_project_service.this) == 23
    error_message = "APIs must stay enabled when the configuration is destroyed."
  }
  assert {
    condition = toset(concat(
      [for one in google_project_iam_member.plan : one.project], [for one in google_project_iam_member.apply : one.project], [for one in google_project_iam_member.build : one.project], [for one in google_service_account.this : one.project],
      [google_project_iam_member.plan_configuration.project, google_project_iam_member.apply_grants.project, google_project_iam_custom_role.plan.project, google_artifact_registry_repository_iam_member.build.project, google_artifact_registry_repository.images.project,
        google_storage_bucket.state.project, google_storage_bucket.build.project, google_kms_key_ring.attestation.project, google_container_analysis_note.gate.project, google_container_analysis_note_iam_member.build.project, google_binary_authorization_attestor.gate.project,
      google_binary_authorization_attestor_iam_member.build.project, google_binary_authorization_policy.this.project, google_iam_workload_identity_pool.github.project, google_iam_workload_identity_pool_provider.github.project],
    )) == toset(["p"])
    error_message = "Everything must be in the project."
  }
}

run "a_customer_managed_key_encrypts_images" {
  command = plan
  variables {
    kms_key = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
  }
  assert {
    condition     = google_artifact_registry_repository.images.kms_key_name == "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
    error_message = "The registry must have the key."
  }
  assert {
    condition     = [google_kms_crypto_key_iam_member.registry[0].role, google_kms_crypto_key_iam_member.registry[0].member] == ["roles/cloudkms.cryptoKeyEncrypterDecrypter", "serviceAccount:service-42@gcp-sa-artifactregistry.iam.gserviceaccount.com"]
    error_message = "The registry must have access to the key."
  }
}

run "a_repository_name_for_its_id" {
  command = plan
  variables {
    repository_id = "example/samo"
  }
  expect_failures = [var.repository_id]
}

run "a_wildcard_ref" {
  command = plan
  variables {
    apply_ref = "refs/heads/*"
  }
  expect_failures = [var.apply_ref]
}
