mock_provider "google" {
  mock_resource "google_compute_security_policy" {
    defaults = { id = "policy" }
  }
  mock_resource "google_compute_global_address" {
    defaults = { id = "address-id", address = "203.0.113.1" }
  }
}

override_resource {
  target = google_compute_backend_service.service["journal"]
  values = { id = "backend-journal" }
}
override_resource {
  target = google_compute_backend_service.service["emotion"]
  values = { id = "backend-emotion" }
}
override_resource {
  target = google_compute_region_network_endpoint_group.service["journal"]
  values = { id = "group-journal" }
}
override_resource {
  target = google_compute_region_network_endpoint_group.service["emotion"]
  values = { id = "group-emotion" }
}
override_resource {
  target = google_compute_url_map.this
  values = { id = "map" }
}
override_resource {
  target = google_compute_url_map.redirect
  values = { id = "map-redirect" }
}
override_resource {
  target = google_compute_target_https_proxy.this
  values = { id = "proxy-https" }
}
override_resource {
  target = google_compute_target_http_proxy.redirect
  values = { id = "proxy-http" }
}

variables {
  project         = "p"
  region          = "europe-west1"
  domain          = "journal.example.org"
  default_service = "journal"
  routes          = { emotion = ["/predict", "/predict/*"], journal = ["/v1/dictation"] }

  requests_per_minute_to = { "/predict" = 60, "/v1/dictation" = 599 }
}

# A single run, because each run creates everything again.
run "the_edge" {
  # -- routes
  assert {
    condition = jsonencode([google_compute_url_map.this.default_service, google_compute_url_map.this.path_matcher[0].default_service, [for rule in google_compute_url_map.this.path_matcher[0].path_rule : [rule.paths, rule.service]]]) == jsonencode([
      "backend-journal", "backend-journal", [[["/predict", "/predict/*"], "backend-emotion"], [["/v1/dictation"], "backend-journal"]]
    ])
    error_message = "Paths: ${jsonencode(google_compute_url_map.this.path_matcher)}"
  }
  assert {
    condition     = jsonencode([for rule in google_compute_url_map.this.host_rule : [rule.hosts, rule.path_matcher]]) == jsonencode([[["journal.example.org"], google_compute_url_map.this.path_matcher[0].name]])
    error_message = "The domain must use those paths."
  }
  assert {
    condition = jsonencode({ for name, one in google_compute_region_network_endpoint_group.service : name => [one.network_endpoint_type, one.region, one.cloud_run[0].service, one.name] }) == jsonencode({
      emotion = ["SERVERLESS", "europe-west1", "emotion", "samo-emotion"]
      journal = ["SERVERLESS", "europe-west1", "journal", "samo-journal"]
    })
    error_message = "Public services, and only those, must have an endpoint."
  }
  assert {
    condition     = jsonencode({ for name, one in google_compute_backend_service.service : one.name => one.backend[*].group }) == jsonencode({ samo-emotion = ["group-emotion"], samo-journal = ["group-journal"] })
    error_message = "Each backend must lead to its service."
  }
  assert {
    condition     = toset(output.services) == toset(["emotion", "journal"]) && output.routes == { "*" = "journal", "/predict" = "emotion", "/predict/*" = "emotion", "/v1/dictation" = "journal" } && output.address == "203.0.113.1"
    error_message = "The outputs must list services and routes."
  }

  # -- backends: firewall and logging
  assert {
    condition     = alltrue([for one in google_compute_backend_service.service : one.security_policy == "policy" && one.load_balancing_scheme == "EXTERNAL_MANAGED" && one.protocol == "HTTPS"])
    error_message = "Every backend must have the security policy."
  }
  assert {
    condition     = alltrue([for one in google_compute_backend_service.service : one.log_config[0].enable && one.log_config[0].sample_rate == 1])
    error_message = "Every request must be logged."
  }

  # -- rate limits per address
  assert {
    condition = jsonencode([for rule in google_compute_security_policy.this.rule : [rule.action, rule.match[0].versioned_expr, rule.match[0].config[0].src_ip_ranges, rule.rate_limit_options] if rule.priority == 2000]) == jsonencode([[
      "throttle", "SRC_IPS_V1", ["*"], [{
        ban_duration_sec        = null, ban_threshold = [], conform_action = "allow", enforce_on_key = "IP", enforce_on_key_configs = [], enforce_on_key_name = null, exceed_action = "deny(429)",
        exceed_redirect_options = [], rate_limit_threshold = [{ count = 600, interval_sec = 60 }]
      }]
    ]])
    error_message = "The limit must be 600 requests per minute per address."
  }
  assert {
    condition = jsonencode([for rule in google_compute_security_policy.this.rule : [rule.priority, rule.action, rule.match[0].expr[0].expression, rule.rate_limit_options[0].conform_action, rule.rate_limit_options[0].exceed_action, rule.rate_limit_options[0].enforce_on_key, rule.rate_limit_options[0].rate_limit_threshold] if rule.priority >= 1900 && rule.priority < 2000]) == jsonencode([
      [1900, "throttle", "request.path == '/predict'", "allow", "deny(429)", "IP", [{ count = 60, interval_sec = 60 }]],
      [1901, "throttle", "request.path == '/v1/dictation'", "allow", "deny(429)", "IP", [{ count = 599, interval_sec = 60 }]],
    ])
    error_message = "Separate limits: ${jsonencode([for rule in google_compute_security_policy.this.rule : rule if rule.priority >= 1900 && rule.priority < 2000])}"
  }
  assert {
    condition     = jsonencode([for rule in google_compute_security_policy.this.rule : [rule.action, rule.match[0].versioned_expr, rule.match[0].config[0].src_ip_ranges] if rule.priority == 2147483647]) == jsonencode([["allow", "SRC_IPS_V1", ["*"]]])
    error_message = "Requests within the limits must be allowed."
  }
  assert {
    condition     = [for rule in google_compute_security_policy.this.rule : [rule.action, rule.match[0].expr[0].expression] if rule.priority == 100] == [["deny(404)", "request.path == '/metrics'"]]
    error_message = "/metrics must be denied."
  }
  assert {
    condition     = google_compute_security_policy.this.type == "CLOUD_ARMOR"
    error_message = "The security policy must apply to backends."
  }

  # -- preconfigured rules
  assert {
    condition = jsonencode({ for rule in google_compute_security_policy.this.rule : rule.description => [rule.action, rule.preview, rule.match[0].expr[0].expression] if rule.priority >= 1000 && rule.priority < 1900 }) == jsonencode(merge(
      { for name in ["sqli", "xss", "lfi", "rce", "protocolattack", "scannerdetection"] : "${name}-v33-stable" => ["deny(403)", true, "evaluatePreconfiguredWaf('${name}-v33-stable', {'sensitivity': 1})"] },
      { cve-canary = ["deny(403)", true, "evaluatePreconfiguredWaf('cve-canary')"] },
    ))
    error_message = "Preconfigured rules must be in preview mode."
  }
  assert {
    condition     = google_compute_security_policy.this.advanced_options_config[0].log_level == "NORMAL"
    error_message = "Logging must not be verbose: it would contain journal text."
  }

  # -- HTTPS
  assert {
    condition     = google_compute_ssl_policy.this.min_tls_version == "TLS_1_2" && google_compute_ssl_policy.this.profile == "MODERN" && google_compute_target_https_proxy.this.ssl_policy == google_compute_ssl_policy.this.id
    error_message = "TLS must be 1.2 or later, with modern ciphers."
  }
  assert {
    condition     = google_compute_managed_ssl_certificate.this.managed[0].domains == tolist(["journal.example.org"]) && google_compute_target_https_proxy.this.ssl_certificates == tolist([google_compute_managed_ssl_certificate.this.id]) && google_compute_managed_ssl_certificate.this.name == "samo-journal-example-org"
    error_message = "The certificate must be for the domain."
  }
  assert {
    condition = [for rule in [google_compute_global_forwarding_rule.https, google_compute_global_forwarding_rule.http] : [rule.port_range, rule.target, rule.ip_address, rule.load_balancing_scheme]] == [
      ["443", "proxy-https", "address-id", "EXTERNAL_MANAGED"], ["80", "proxy-http", "address-id", "EXTERNAL_MANAGED"]
    ]
    error_message = "Both ports must use the same address."
  }
  assert {
    condition     = google_compute_target_https_proxy.this.url_map == "map" && google_compute_target_http_proxy.redirect.url_map == "map-redirect"
    error_message = "Only the HTTPS port must lead to services."
  }
  assert {
    condition     = google_compute_url_map.redirect.default_url_redirect[0].https_redirect && google_compute_url_map.redirect.default_url_redirect[0].redirect_response_code == "MOVED_PERMANENTLY_DEFAULT" && google_compute_url_map.redirect.default_url_redirect[0].strip_query == false
    error_message = "The HTTP port must redirect permanently and keep the query."
  }
  assert {
    condition = toset(concat(
      [for one in google_compute_region_network_endpoint_group.service : one.project], [for one in google_compute_backend_service.service : one.project],
      [google_compute_global_address.this.project, google_compute_url_map.this.project, google_compute_managed_ssl_certificate.this.project, google_compute_ssl_policy.this.project, google_compute_target_https_proxy.this.project,
      google_compute_global_forwarding_rule.https.project, google_compute_url_map.redirect.project, google_compute_target_http_proxy.redirect.project, google_compute_global_forwarding_rule.http.project, google_compute_security_policy.this.project],
    )) == toset(["p"])
    error_message = "Everything must be in the project."
  }
}

run "preconfigured_rules_can_block" {
  variables {
    waf_preview            = false
    requests_per_minute    = 120
    requests_per_minute_to = {}
  }
  assert {
    condition     = alltrue([for rule in google_compute_security_policy.this.rule : rule.preview == false if rule.priority >= 1000 && rule.priority < 1900])
    error_message = "Preview must be off."
  }
  assert {
    condition     = [for rule in google_compute_security_policy.this.rule : rule.rate_limit_options[0].rate_limit_threshold[0].count if rule.priority == 2000] == [120]
    error_message = "The limit must be the variable's."
  }
}

run "takes_the_smallest_limit" {
  command = plan
  variables {
    requests_per_minute    = 60
    requests_per_minute_to = {}
  }
}

run "takes_the_largest_limit" {
  command = plan
  variables {
    requests_per_minute = 6000
  }
}

run "refuses_too_low_a_limit" {
  command = plan
  variables {
    requests_per_minute    = 59
    requests_per_minute_to = {}
  }
  expect_failures = [var.requests_per_minute]
}

run "refuses_a_path_limit_at_the_overall_limit" {
  command = plan
  variables {
    requests_per_minute_to = { "/predict" = 600 }
  }
  expect_failures = [var.requests_per_minute_to]
}

run "refuses_too_low_a_path_limit" {
  command = plan
  variables {
    requests_per_minute_to = { "/predict" = 59 }
  }
  expect_failures = [var.requests_per_minute_to]
}

run "refuses_a_limit_for_an_unknown_path" {
  command = plan
  variables {
    requests_per_minute_to = { "/predicted" = 60 }
  }
  expect_failures = [var.requests_per_minute_to]
}

run "refuses_a_limit_for_a_wildcard_path" {
  command = plan
  variables {
    requests_per_minute_to = { "/predict/*" = 60 }
  }
  expect_failures = [var.requests_per_minute_to]
}

run "refuses_too_high_a_limit" {
  command = plan
  variables {
    requests_per_minute = 6001
  }
  expect_failures = [var.requests_per_minute]
}

run "refuses_an_address_for_a_domain" {
  command = plan
  variables {
    domain = "https://journal.example.org"
  }
  expect_failures = [var.domain]
}

run "refuses_a_wildcard_inside_a_path" {
  command = plan
  variables {
    routes                 = { emotion = ["/predict*"] }
    requests_per_minute_to = {}
  }
  expect_failures = [var.routes]
}

run "refuses_a_name_that_begins_with_a_digit" {
  command = plan
  variables {
    routes                 = { emotion = ["/1/predict"] }
    requests_per_minute_to = {}
  }
  expect_failures = [var.routes]
}
