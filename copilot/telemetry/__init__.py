"""What the ledger tells other people's dashboards and pagers: spans, metrics, alerts."""
