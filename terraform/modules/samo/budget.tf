# Notifies the billing account's administrators but stops nothing; max_instances limits what can be spent.
resource "google_billing_budget" "this" {
  count = var.deployment.budget == null ? 0 : 1

  billing_account = var.deployment.budget.billing_account
  display_name    = "SAMO ${var.environment}"

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }

  amount {
    specified_amount {
      currency_code = var.deployment.budget.currency
      units         = tostring(var.deployment.budget.amount)
    }
  }

  threshold_rules {
    threshold_percent = 0.5
  }
  threshold_rules {
    threshold_percent = 0.9
  }
  threshold_rules {
    threshold_percent = 1.0
    spend_basis       = "FORECASTED_SPEND"
  }
}
