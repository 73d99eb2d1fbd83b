# Inputs that the module refuses.

mock_provider "google" {}

variables {
  project              = "p"
  region               = "europe-west1"
  name                 = "emotion"
  event                = false
  image                = "europe-west1-docker.pkg.dev/p/samo/emotion@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  target               = "serve"
  signature            = "http"
  concurrency          = 80
  max_instances        = 1000
  request_timeout_s    = 540
  push_account         = "samo-push@p.iam.gserviceaccount.com"
  deployer             = "samo-apply@p.iam.gserviceaccount.com"
  binary_authorization = false
  deletion_protection  = false
}

run "takes_the_largest_allowed" {
  command = plan
  variables {
    request_timeout_s = 3600
  }
}

run "takes_the_smallest_allowed" {
  command = plan
  variables {
    concurrency           = 1
    request_timeout_s     = 1
    max_instances         = 1
    min_instances         = 1
    execution_environment = "gen2"
    memory                = "512Mi"
    cpu                   = 4
    traffic               = [{ percent = 100 }, { percent = 0, tag = "candidate" }]
  }
}

run "an_image_by_tag" {
  command = plan
  variables {
    image = "europe-west1-docker.pkg.dev/p/samo/emotion:latest"
  }
  expect_failures = [var.image]
}

run "an_image_by_tag_and_digest" {
  command = plan
  variables {
    image = "europe-west1-docker.pkg.dev/p/samo/emotion:v1@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  }
  expect_failures = [var.image]
}

run "a_digest_cut_short" {
  command = plan
  variables {
    image = "europe-west1-docker.pkg.dev/p/samo/emotion@sha256:1111"
  }
  expect_failures = [var.image]
}

run "traffic_below_100_percent" {
  command = plan
  variables {
    traffic = [{ percent = 90 }, { revision = "emotion-00001", percent = 9 }]
  }
  expect_failures = [var.traffic]
}

run "negative_traffic" {
  command = plan
  variables {
    traffic = [{ percent = 110 }, { revision = "emotion-00001", percent = -10 }]
  }
  expect_failures = [var.traffic]
}

run "an_event_service_by_another_name" {
  command = plan
  variables {
    event = true
  }
  expect_failures = [var.name]
}

run "a_name_too_long_for_an_account" {
  command = plan
  variables {
    name = "emotion-and-much-more-than-that"
  }
  expect_failures = [var.name]
}

run "an_unknown_signature" {
  command = plan
  variables {
    signature = "event"
  }
  expect_failures = [var.signature]
}

run "neither_a_target_nor_a_command" {
  command = plan
  variables {
    target = null
  }
  expect_failures = [var.command]
}

run "a_target_and_a_command" {
  command = plan
  variables {
    command = ["python"]
  }
  expect_failures = [var.command]
}

run "a_request_longer_than_an_hour" {
  command = plan
  variables {
    request_timeout_s = 3601
  }
  expect_failures = [var.request_timeout_s]
}

run "a_request_timeout_of_zero" {
  command = plan
  variables {
    request_timeout_s = 0
  }
  expect_failures = [var.request_timeout_s]
}

run "a_secret_without_a_pinned_version" {
  command = plan
  variables {
    secrets = { SAMO_WEBHOOKS = { secret = "webhooks", version = "latest" } }
  }
  expect_failures = [var.secrets]
}

run "a_fraction_of_a_cpu" {
  command = plan
  variables {
    cpu = 0.5
  }
  expect_failures = [var.cpu]
}

run "memory_without_a_unit" {
  command = plan
  variables {
    memory = "512"
  }
  expect_failures = [var.memory]
}

run "too_little_memory_for_gen2" {
  command = plan
  variables {
    execution_environment = "gen2"
    memory                = "511Mi"
  }
  expect_failures = [var.execution_environment]
}

run "an_unknown_execution_environment" {
  command = plan
  variables {
    execution_environment = "gen3"
  }
  expect_failures = [var.execution_environment]
}

run "no_concurrency" {
  command = plan
  variables {
    concurrency = 0
  }
  expect_failures = [var.concurrency]
}

run "more_concurrency_than_threads" {
  command = plan
  variables {
    concurrency = 81
  }
  expect_failures = [var.concurrency]
}

run "no_instances" {
  command = plan
  variables {
    max_instances = 0
  }
  expect_failures = [var.max_instances]
}

run "too_many_instances" {
  command = plan
  variables {
    max_instances = 1001
  }
  expect_failures = [var.max_instances]
}

run "min_instances_above_max_instances" {
  command = plan
  variables {
    min_instances = 1001
  }
  expect_failures = [var.min_instances]
}

run "negative_min_instances" {
  command = plan
  variables {
    min_instances = -1
  }
  expect_failures = [var.min_instances]
}

run "a_role_that_administers_the_bucket" {
  command = plan
  variables {
    bucket = { name = "p-audio", role = "roles/storage.objectAdmin" }
  }
  expect_failures = [var.bucket]
}
