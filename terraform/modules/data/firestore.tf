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

resource "google_firestore_backup_schedule" "daily" {
  project   = var.project
  database  = google_firestore_database.journal.name
  retention = "${var.backup_days * 24 * 3600}s"

  daily_recurrence {}
}

resource "google_firestore_index" "this" {
  for_each = {
    for index in var.indexes.indexes :
    join(" ", concat([index.collectionGroup], index.fields[*].fieldPath)) => index
  }

  project     = var.project
  database    = google_firestore_database.journal.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}

# Journal text and big maps have no index at all; expired documents go by themselves.
resource "google_firestore_field" "this" {
  for_each = {
    for field in var.indexes.fieldOverrides : "${field.collectionGroup} ${field.fieldPath}" => field
  }

  project    = var.project
  database   = google_firestore_database.journal.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        query_scope  = indexes.value.queryScope
        order        = indexes.value.order
        array_config = indexes.value.arrayConfig
      }
    }
  }

  dynamic "ttl_config" {
    for_each = each.value.ttl ? [true] : []
    content {}
  }
}
