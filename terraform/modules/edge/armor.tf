locals {
  # Preconfigured ModSecurity core rules, at the sensitivity with the fewest false positives.
  waf = {
    1000 = "sqli-v33-stable"
    1001 = "xss-v33-stable"
    1002 = "lfi-v33-stable"
    1003 = "rce-v33-stable"
    1004 = "protocolattack-v33-stable"
    1005 = "scannerdetection-v33-stable"
    1006 = "cve-canary"
  }
}

resource "google_compute_security_policy" "this" {
  #checkov:skip=CKV_GCP_73:cve-canary is among the rules of local.waf, which the check does not look into; nothing here runs on Java
  project     = var.project
  name        = "samo"
  description = "Requests that clients may send to SAMO"
  type        = "CLOUD_ARMOR"

  # NORMAL logs the name of the matching rule; VERBOSE would log the matching text, which may be from a journal.
  advanced_options_config {
    log_level = "NORMAL"
  }

  rule {
    priority    = 100
    action      = "deny(404)"
    description = "Metrics are not public"

    match {
      expr {
        expression = "request.path == '/metrics'"
      }
    }
  }

  dynamic "rule" {
    for_each = local.waf
    content {
      priority    = tonumber(rule.key)
      action      = "deny(403)"
      preview     = var.waf_preview
      description = rule.value

      match {
        expr {
          expression = rule.value == "cve-canary" ? "evaluatePreconfiguredWaf('cve-canary')" : "evaluatePreconfiguredWaf('${rule.value}', {'sensitivity': 1})"
        }
      }
    }
  }

  # Keyed by IP address: a key taken from a header is cut at 128 bytes, which would put all clients into one bucket.
  dynamic "rule" {
    for_each = { for place, path in keys(var.requests_per_minute_to) : path => 1900 + place }
    content {
      priority    = rule.value
      action      = "throttle"
      description = "Requests from one address to ${rule.key}"

      match {
        expr {
          expression = "request.path == '${rule.key}'"
        }
      }

      rate_limit_options {
        conform_action = "allow"
        exceed_action  = "deny(429)"
        enforce_on_key = "IP"

        rate_limit_threshold {
          count        = var.requests_per_minute_to[rule.key]
          interval_sec = 60
        }
      }
    }
  }

  rule {
    priority    = 2000
    action      = "throttle"
    description = "Requests from one address"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
    }
  }

  rule {
    priority    = 2147483647
    action      = "allow"
    description = "Everything else"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}
