# Copy to terraform.tfvars beside an environment's main.tf, fill in and commit: it contains no secrets, and builds read it.

deployment = {
  project             = "example-samo-prod"
  region              = "europe-west1"
  domain              = "journal.example.org"
  auth_issuer         = "https://securetoken.google.com/example-samo-prod"
  auth_audience       = "example-samo-prod"
  deployer            = "samo-apply@example-samo-prod.iam.gserviceaccount.com"
  runbook_url         = "https://github.com/example/samo/blob/main/docs/runbook.md"
  notification_emails = ["oncall@example.org"]

  # Everything below is optional.
  auth_web_api_key = "" # Identity Platform's web API key; with it the web page is served and signs users in

  operators    = ["group:samo-operators@example.org"]
  cors_origins = ["https://app.example.org"]
  webhooks     = { names = ["coach"], version = "1" }
  budget       = { billing_account = "000000-000000-000000", amount = 200, currency = "EUR" }
}

# By digest. Cloud Build passes the images that it built and attested.
images = {
  transcription = "europe-west1-docker.pkg.dev/example-samo-prod/samo/transcription@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  emotion       = "europe-west1-docker.pkg.dev/example-samo-prod/samo/emotion@sha256:2222222222222222222222222222222222222222222222222222222222222222"
  summarization = "europe-west1-docker.pkg.dev/example-samo-prod/samo/summarization@sha256:3333333333333333333333333333333333333333333333333333333333333333"
  journal       = "europe-west1-docker.pkg.dev/example-samo-prod/samo/journal@sha256:4444444444444444444444444444444444444444444444444444444444444444"
}

# Application settings that differ from their defaults, without SAMO_; modules/samo/settings.tf lists those allowed.
# settings = { quota_entries_per_hour = 60, consent_version = "2026-11" }

# To try a new emotion model on a tenth of the calls; `terraform output` shows the current revision.
# traffic = {
#   emotion = [
#     { revision = "emotion-00007-abc", percent = 90 },
#     { percent = 10, tag = "candidate" },
#   ]
# }
