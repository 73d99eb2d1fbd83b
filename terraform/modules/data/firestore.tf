resource "google_firestore_database" "journal" {
  project                           = var.project
  name                              = "(default)"
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "PESSIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.deletion_protection ? "ABANDON" : "DELETE"

  dynamic "cmek_config" {
    for_each = var.kms_key == null ? [] : [var.kms_key]
    content {
      kms_key_name = cmek_config.value
    }
  }
}

# API keys and quotas have their own database: every public service reads them, and most must not reach journals.
resource "google_firestore_database" "access" {
  project                           = var.project
  name                              = "access"
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "PESSIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.deletion_protection ? "ABANDON" : "DELETE"

  dynamic "cmek_config" {
    for_each = var.kms_key == null ? [] : [var.kms_key]
    content {
      kms_key_name = cmek_config.value
    }
  }
}

resource "google_firestore_field" "access_expiry" {
  for_each = toset(["keys", "allowances"])

  project    = var.project
  database   = google_firestore_database.access.name
  collection = each.value
  field      = "expires_at"

  index_config {}
  ttl_config {}
}

# Clients must use the API: these rules deny all access through Firebase's SDKs.
resource "google_firebaserules_ruleset" "journal" {
  project = var.project

  source {
    files {
      name    = "firestore.rules"
      content = var.rules
    }
  }

  depends_on = [google_firestore_database.journal, google_firestore_database.access]
}

resource "google_firebaserules_release" "journal" {
  for_each = toset(["cloud.firestore", "cloud.firestore/access"])

  project      = var.project
  name         = each.value
  ruleset_name = "projects/${var.project}/rulesets/${google_firebaserules_ruleset.journal.name}"
}

resource "google_firestore_backup_schedule" "daily" {
  project   = var.project
  database  = google_firestore_database.journal.name
  retention = "${var.backup_days * 24 * 3600}s"

  daily_recurrence {}
}

resource "google_firestore_index" "composite" {
  for_each = {
    for index in var.indexes.composite :
    join(" ", concat([index.collection], index.fields[*].field_path)) => index
  }

  project     = var.project
  database    = google_firestore_database.journal.name
  collection  = each.value.collection
  query_scope = each.value.query_scope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = fields.value.field_path
      order        = fields.value.order
      array_config = fields.value.array_config

      dynamic "vector_config" {
        for_each = fields.value.dimension == null ? [] : [fields.value.dimension]
        content {
          dimension = vector_config.value
          flat {}
        }
      }
    }
  }
}

locals {
  all_fields = concat(var.indexes.exemptions, var.indexes.fields, var.indexes.ttl)
  expiring   = [for field in var.indexes.ttl : "${field.collection} ${field.field}"]
}

# Each field has exactly the indexes listed for it; `*` stands for every field not listed.
resource "google_firestore_field" "this" {
  for_each = { for field in local.all_fields : "${field.collection} ${field.field}" => field... }

  project    = var.project
  database   = google_firestore_database.journal.name
  collection = each.value[0].collection
  field      = each.value[0].field

  index_config {
    dynamic "indexes" {
      for_each = [for index in var.indexes.fields : index if "${index.collection} ${index.field}" == each.key]
      content {
        query_scope = indexes.value.query_scope
        order       = indexes.value.order
      }
    }
  }

  dynamic "ttl_config" {
    for_each = contains(local.expiring, each.key) ? [each.key] : []
    content {}
  }
}
