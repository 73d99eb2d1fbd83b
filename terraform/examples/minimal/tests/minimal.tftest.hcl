mock_provider "google" {}

variables {
  project  = "example-samo"
  domain   = "journal.example.org"
  registry = "europe-west1-docker.pkg.dev/example-samo/samo"
  digests = {
    transcription = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    emotion       = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
    summarization = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
    journal       = "sha256:4444444444444444444444444444444444444444444444444444444444444444"
  }
}

run "the_example_plans" {
  command = plan

  assert {
    condition     = output.services["dictation"].image == "europe-west1-docker.pkg.dev/example-samo/samo/transcription@${var.digests.transcription}"
    error_message = "Dictation runs transcription's image: ${output.services["dictation"].image}"
  }
  assert {
    condition     = alltrue([for service in output.services : service.environment.SAMO_QUOTA_ENTRIES_PER_HOUR == "20" && service.environment.SAMO_DICTATION_MINUTES == "10"])
    error_message = "The settings reach every service."
  }
}
