# The environment with ../example.tfvars, applied to a mocked provider.

mock_provider "google" {}

run "dev" {
  assert {
    condition     = jsonencode({ for name, one in output.samo.services : name => one.instances if name != "summarization" && name != "summarization-events" && name != "emotion" }) == jsonencode({ dictation = [0, 2], emotion-events = [0, 10], journal = [0, 10], journal-events = [0, 10], transcription = [0, 2], transcription-events = [0, 2] })
    error_message = "Instances: ${jsonencode({ for name, one in output.samo.services : name => one.instances })}"
  }
  assert {
    condition     = alltrue([for one in output.samo.services : one.event == (one.ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY")]) && length(output.samo.services) == 9
    error_message = "Nine services, of which the event services take internal traffic only."
  }
  assert {
    condition     = jsonencode(output.samo.ladder) == jsonencode({ work_budget_s = [480], request_timeout_s = [540], lease_s = [570], ack_deadline_s = [600] })
    error_message = "The ladder must be the default: ${jsonencode(output.samo.ladder)}"
  }
  assert {
    condition     = output.samo.bucket == "example-samo-prod-audio" && output.samo.services["emotion"].image == var.images.emotion
    error_message = "Project and images must reach the module."
  }
  assert {
    condition     = jsonencode([output.samo.binary_authorization, output.samo.deletion_protection, output.samo.log_days, output.samo.environment]) == jsonencode([false, false, 30, "dev"])
    error_message = "Protection and log retention: unexpected."
  }
}

run "traffic_is_split_by_a_variable" {
  command = plan
  variables {
    traffic = { emotion = [{ revision = "emotion-00007-abc", percent = 90 }, { percent = 10 }] }
  }
  assert {
    condition     = jsonencode(output.samo.services["emotion"].traffic) == jsonencode(["90 emotion-00007-abc", "10"])
    error_message = "Emotion's traffic must be split."
  }
}
