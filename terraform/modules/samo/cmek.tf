# With a customer-managed key, the service agents of the products that store data may use that key.

data "google_project" "this" {
  project_id = var.deployment.project
}

locals {
  agents = var.deployment.kms_key == null ? [] : [
    "gs-project-accounts", "gcp-sa-firestore", "gcp-sa-pubsub", "gcp-sa-secretmanager",
  ]
  # Depends on every grant, so that resources encrypted with the key are created after all of them.
  kms_key = one(distinct([for grant in google_kms_crypto_key_iam_member.agent : grant.crypto_key_id]))
}

resource "google_kms_crypto_key_iam_member" "agent" {
  for_each = toset(local.agents)

  crypto_key_id = var.deployment.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${data.google_project.this.number}@${each.value}.iam.gserviceaccount.com"
}
