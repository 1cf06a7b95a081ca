"""Dashboards as code: an overview and a page for each service, made from the catalog (docs/decisions/0018)."""
