mock_provider "google" {
  mock_data "google_storage_project_service_account" {
    defaults = { member = "serviceAccount:storage-agent@gs-project-accounts.iam.gserviceaccount.com" }
  }
  mock_resource "google_logging_project_bucket_config" {
    defaults = { id = "projects/p/locations/europe-west1/buckets/samo" }
  }
}

variables {
  project             = "p"
  region              = "europe-west1"
  bucket              = "p-audio"
  net_days            = 30
  retention_days      = 7
  cors_origins        = ["https://journal.example.org"]
  finalized_topic     = "projects/p/topics/audio.finalized"
  deletion_protection = true
  rules               = "rules_version = '2';"
  indexes = {
    exemptions = [{ collection = "entries", field = "*" }, { collection = "entries", field = "expires_at" }]
    fields     = [{ collection = "entries", field = "wake_at", order = "ASCENDING", query_scope = "COLLECTION_GROUP" }]
    composite = [{
      collection  = "entries"
      query_scope = "COLLECTION"
      fields      = [{ field_path = "deleted", order = "ASCENDING" }, { field_path = "recorded_at", order = "DESCENDING" }]
      }, {
      collection  = "entries"
      query_scope = "COLLECTION"
      fields      = [{ field_path = "labels", array_config = "CONTAINS" }, { field_path = "recorded_at", order = "DESCENDING" }]
      }, {
      collection  = "content"
      query_scope = "COLLECTION_GROUP"
      fields      = [{ field_path = "uid", order = "ASCENDING" }, { field_path = "vector", dimension = 384 }]
    }]
    ttl = [{ collection = "entries", field = "expires_at" }]
  }
}

# A single run, because each run creates everything again.
run "the_data" {
  # -- access to recordings
  assert {
    condition     = google_storage_bucket.audio.uniform_bucket_level_access && google_storage_bucket.audio.public_access_prevention == "enforced"
    error_message = "The bucket must have no object ACLs and no public access."
  }
  assert {
    condition     = google_storage_bucket.audio.name == "p-audio" && google_storage_bucket.audio.location == "europe-west1" && google_storage_bucket.audio.storage_class == "STANDARD" && output.bucket == "p-audio"
    error_message = "The bucket must be in the deployment's region."
  }
  assert {
    condition = jsonencode([for cors in google_storage_bucket.audio.cors : [cors.origin, cors.method, cors.response_header, cors.max_age_seconds]]) == jsonencode([
      [["https://journal.example.org"], ["PUT"], ["Content-Type", "Content-Range", "Range", "Location", "X-Goog-Upload-Status"], 3600]
    ])
    error_message = "Listed origins must be able to upload in chunks, and nothing else."
  }

  # -- deletion is final
  assert {
    condition     = google_storage_bucket.audio.soft_delete_policy[0].retention_duration_seconds == 0
    error_message = "Soft delete must be off."
  }
  assert {
    condition     = google_storage_bucket.audio.versioning[0].enabled == false
    error_message = "Versioning must be off."
  }
  assert {
    condition = jsonencode([for rule in google_storage_bucket.audio.lifecycle_rule : [one(rule.action).type, one(rule.condition).age, one(rule.condition).matches_prefix]]) == jsonencode([
      ["Delete", 30, ["audio/", "inbox/"]], ["AbortIncompleteMultipartUpload", 7, null]
    ])
    error_message = "Lifecycle rules: ${jsonencode(google_storage_bucket.audio.lifecycle_rule)}"
  }
  assert {
    condition     = google_firestore_backup_schedule.daily.retention == "604800s" && length(google_firestore_backup_schedule.daily.daily_recurrence) == 1 && google_firestore_backup_schedule.daily.database == "(default)"
    error_message = "Backups must be daily and kept for a week."
  }

  # -- finished uploads are published
  assert {
    condition = { for name, one in google_storage_notification.finalized : one.object_name_prefix => [one.bucket, one.topic, one.payload_format, one(one.event_types)] } == {
      "audio/" = ["p-audio", "projects/p/topics/audio.finalized", "JSON_API_V1", "OBJECT_FINALIZE"]
      "inbox/" = ["p-audio", "projects/p/topics/audio.finalized", "JSON_API_V1", "OBJECT_FINALIZE"]
    }
    error_message = "Both prefixes of the bucket must send notifications."
  }
  assert {
    condition = [google_pubsub_topic_iam_member.storage.project, google_pubsub_topic_iam_member.storage.topic, google_pubsub_topic_iam_member.storage.role, google_pubsub_topic_iam_member.storage.member] == [
      "p", "projects/p/topics/audio.finalized", "roles/pubsub.publisher", "serviceAccount:storage-agent@gs-project-accounts.iam.gserviceaccount.com"
    ]
    error_message = "Cloud Storage must only be able to publish to that topic."
  }
  assert {
    condition     = google_project_iam_custom_role.listener.permissions == toset(["storage.objects.get", "storage.objects.delete"]) && google_project_iam_custom_role.listener.role_id == "samoListener" && output.listener_role == google_project_iam_custom_role.listener.name
    error_message = "Stages must only be able to read and delete recordings."
  }

  # -- protection of the journal
  assert {
    condition     = google_firestore_database.journal.type == "FIRESTORE_NATIVE" && google_firestore_database.journal.name == "(default)" && google_firestore_database.journal.location_id == "europe-west1" && output.database == "(default)"
    error_message = "The database must be in native mode, in the deployment's region."
  }
  assert {
    condition     = google_firestore_database.journal.concurrency_mode == "PESSIMISTIC"
    error_message = "Concurrency must be pessimistic."
  }
  assert {
    condition     = google_firestore_database.journal.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED"
    error_message = "Point-in-time recovery must be on."
  }
  assert {
    condition     = google_firestore_database.journal.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.journal.deletion_policy == "ABANDON" && google_storage_bucket.audio.force_destroy == false
    error_message = "Terraform must not be able to delete the journal or recordings."
  }

  # -- database of API keys and quotas
  assert {
    condition     = google_firestore_database.access.name == "access" && google_firestore_database.access.project == "p" && google_firestore_database.access.location_id == "europe-west1" && google_firestore_database.access.type == "FIRESTORE_NATIVE" && google_firestore_database.access.concurrency_mode == "PESSIMISTIC"
    error_message = "API keys and quotas must have their own database in the same region."
  }
  assert {
    condition     = google_firestore_database.access.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.access.deletion_policy == "ABANDON" && google_firestore_database.access.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_DISABLED" && length(google_firestore_database.access.cmek_config) == 0
    error_message = "The access database must be protected, without point-in-time recovery."
  }
  assert {
    condition     = jsonencode([for name, one in google_firestore_field.access_expiry : [one.project, one.database, one.collection, one.field, length(one.ttl_config)]]) == jsonencode([["p", "access", "allowances", "expires_at", 1], ["p", "access", "keys", "expires_at", 1]])
    error_message = "API keys and quotas must have TTLs."
  }

  # -- security rules deny direct access
  assert {
    condition     = google_firebaserules_ruleset.journal.source[0].files[0].content == "rules_version = '2';" && toset(values(google_firebaserules_release.journal)[*].name) == toset(["cloud.firestore", "cloud.firestore/access"]) && toset(values(google_firebaserules_release.journal)[*].project) == toset(["p"]) && google_firebaserules_ruleset.journal.project == "p"
    error_message = "The rules must be released for both databases."
  }
  assert {
    condition     = alltrue([for one in google_firebaserules_release.journal : one.ruleset_name == "projects/p/rulesets/${google_firebaserules_ruleset.journal.name}"]) && google_firebaserules_ruleset.journal.source[0].files[0].name == "firestore.rules"
    error_message = "The release must use the ruleset."
  }

  # -- indexes
  assert {
    condition = jsonencode({ for name, one in google_firestore_field.this : "${one.collection} ${one.field}" => [one.index_config[0].indexes, length(one.ttl_config)] }) == jsonencode({
      "entries *"          = [[], 0]
      "entries expires_at" = [[], 1]
      "entries wake_at"    = [[{ array_config = null, order = "ASCENDING", query_scope = "COLLECTION_GROUP" }], 0]
    })
    error_message = "Fields: ${jsonencode({ for name, one in google_firestore_field.this : "${one.collection} ${one.field}" => [one.index_config[0].indexes, length(one.ttl_config)] })}"
  }
  assert {
    condition = jsonencode([for one in google_firestore_index.composite : [one.collection, one.query_scope, [for field in one.fields : [field.field_path, field.order, field.array_config]]]]) == jsonencode([
      ["content", "COLLECTION_GROUP", [["uid", "ASCENDING", null], ["vector", null, null]]],
      ["entries", "COLLECTION", [["deleted", "ASCENDING", null], ["recorded_at", "DESCENDING", null]]],
      ["entries", "COLLECTION", [["labels", null, "CONTAINS"], ["recorded_at", "DESCENDING", null]]]
    ])
    error_message = "Composite indexes: a user's entries, newest first, all or by label; and their vectors."
  }
  assert {
    condition     = jsonencode([for field in google_firestore_index.composite["content uid vector"].fields : [for config in field.vector_config : config.dimension]]) == jsonencode([[], [384]])
    error_message = "The vector index must be flat (exact)."
  }
  assert {
    condition     = alltrue([for one in concat(values(google_firestore_field.this), values(google_firestore_index.composite)) : one.database == "(default)" && one.project == "p"])
    error_message = "Indexes must be in the journal's database."
  }

  # -- audit logs
  assert {
    condition = jsonencode({ for name, one in google_project_iam_audit_config.data_access : one.service => one.audit_log_config[*].log_type }) == jsonencode({
      for service in ["datastore.googleapis.com", "secretmanager.googleapis.com", "storage.googleapis.com"] : service => ["ADMIN_READ", "DATA_READ", "DATA_WRITE"]
    })
    error_message = "Reads and writes of journal, recordings and secrets must be logged."
  }
  assert {
    condition     = alltrue(flatten([for one in google_project_iam_audit_config.data_access : [for config in one.audit_log_config : length(coalesce(config.exempted_members, [])) == 0]]))
    error_message = "Audit logging must have no exempted members."
  }
  assert {
    condition     = google_logging_project_bucket_config.logs.location == "europe-west1" && google_logging_project_bucket_config.logs.retention_days == 90 && google_logging_project_bucket_config.logs.bucket_id == "samo" && output.log_bucket == google_logging_project_bucket_config.logs.id
    error_message = "Logs must stay in the region, for 90 days."
  }
  assert {
    condition     = google_logging_project_sink.logs.destination == "logging.googleapis.com/projects/p/locations/europe-west1/buckets/samo" && google_logging_project_sink.logs.unique_writer_identity && google_logging_project_sink.logs.name == "samo"
    error_message = "The sink must write to that bucket."
  }
  assert {
    condition     = google_logging_project_sink.logs.filter == "resource.type=\"cloud_run_revision\" OR resource.type=\"http_load_balancer\" OR log_id(\"cloudaudit.googleapis.com/data_access\")"
    error_message = "Services, load balancer and data access."
  }
  assert {
    condition     = google_logging_project_exclusion.duplicates.filter == google_logging_project_sink.logs.filter && google_logging_project_exclusion.duplicates.name == "samo-kept-in-region"
    error_message = "Logs of the sink must be excluded from _Default."
  }

  # -- webhook keys: a secret without versions
  assert {
    condition     = google_secret_manager_secret.webhooks.secret_id == "webhooks" && output.webhooks_secret == "webhooks" && google_secret_manager_secret.webhooks.deletion_protection
    error_message = "The secret: unexpected."
  }
  assert {
    condition     = google_secret_manager_secret.webhooks.replication[0].user_managed[0].replicas[*].location == tolist(["europe-west1"])
    error_message = "Data must stay in the region."
  }
  assert {
    condition = toset(concat(
      [for one in [google_storage_bucket.audio, google_firestore_database.journal, google_firestore_backup_schedule.daily] : one.project],
      [for one in google_project_iam_audit_config.data_access : one.project],
      [google_secret_manager_secret.webhooks.project, google_logging_project_bucket_config.logs.project, google_logging_project_sink.logs.project, google_logging_project_exclusion.duplicates.project, google_project_iam_custom_role.listener.project],
    )) == toset(["p"])
    error_message = "Everything must be in the project."
  }

  # -- no KMS key by default
  assert {
    condition     = length(google_storage_bucket.audio.encryption) + length(google_firestore_database.journal.cmek_config) + length(google_secret_manager_secret.webhooks.replication[0].user_managed[0].replicas[0].customer_managed_encryption) == 0
    error_message = "There must be no KMS key by default."
  }
}

run "a_customer_managed_key_encrypts_stored_data" {
  variables {
    kms_key = "k"
  }
  assert {
    condition     = google_storage_bucket.audio.encryption[0].default_kms_key_name == "k" && google_firestore_database.journal.cmek_config[0].kms_key_name == "k" && google_secret_manager_secret.webhooks.replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name == "k"
    error_message = "Recordings, journal and secrets must have the key."
  }
}

run "kept_recordings_have_no_lifecycle_rule" {
  variables {
    net_days            = null
    cors_origins        = []
    deletion_protection = false
  }
  assert {
    condition     = [for rule in google_storage_bucket.audio.lifecycle_rule : one(rule.action).type] == ["AbortIncompleteMultipartUpload"]
    error_message = "Only unfinished uploads may be deleted."
  }
  assert {
    condition     = length(google_storage_bucket.audio.cors) == 0
    error_message = "Unused permissions must not exist."
  }
  assert {
    condition     = google_firestore_database.journal.delete_protection_state == "DELETE_PROTECTION_DISABLED" && google_firestore_database.journal.deletion_policy == "DELETE" && google_storage_bucket.audio.force_destroy
    error_message = "Without deletion protection everything must be deletable."
  }
}
