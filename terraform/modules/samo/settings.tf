# Every application setting (functions/shared/runtime/settings.py) is either an operator's, through var.settings, or reserved.
# tests/terraform/test_agreement.py compares these tables with the code.
locals {
  # Positive integers.
  numeric_settings = [
    "dictation_minutes", "max_audio_minutes", "max_batch", "max_body_bytes", "max_claims", "max_pending_uploads",
    "max_text_chars", "max_upload_bytes", "quota_audio_mib_per_day", "quota_entries_per_hour",
    "quota_key_requests_per_minute", "quota_requests_per_minute", "ring_again_s", "threads", "transcription_threads",
  ]

  # Name → allowed values.
  enumerated_settings = {
    auth_revocation      = ["", "identity-platform", "none"]
    summary_style        = ["extract", "abstract"]
    support              = ["on", "off"]
    transcription_engine = ["moonshine", "whisper"]
  }

  text_settings = [
    "auth_admin_claim", "auth_keys", "consent_version", "entry_model", "summary_model", "support_lines", "whisper_model",
  ]

  # Name → what determines it.
  reserved_settings = {
    access_database      = "this module"
    audio_retention      = "audio.retention"
    audio_retention_days = "audio.retention_days"
    auth_audience        = "deployment.auth_audience"
    auth_issuer          = "deployment.auth_issuer"
    auth_web_api_key     = "deployment.auth_web_api_key"
    backend              = "this module"
    bucket               = "this module"
    cors_origins         = "deployment.cors_origins"
    data_dir             = "the image"
    database             = "this module"
    dictation_sessions   = "this module"
    dictation_url        = "deployment.domain"
    journal_url          = "deployment.domain"
    lease_s              = "ladder.lease_s"
    models_dir           = "the image"
    project              = "deployment.project"
    push_account         = "this module"
    push_audience        = "this module"
    push_issuer          = "Google"
    push_keys            = "Google"
    push_signature       = "this module"
    webhooks             = "deployment.webhooks"
    work_budget_s        = "ladder.work_budget_s"
  }

  operator_settings = concat(local.numeric_settings, keys(local.enumerated_settings), local.text_settings)

  # Limited by the hour that a connection may last, and by an instance's memory, which holds the audio of four dictations.
  longest_dictation_minutes = 40
  # Cloud Run's limit on HTTP/1 requests.
  largest_body_bytes = 32 * 1024 * 1024

  # All services get every setting: each process validates all of them and reads those it needs.
  chosen_settings = { for name, value in var.settings : "SAMO_${upper(name)}" => value }
}
