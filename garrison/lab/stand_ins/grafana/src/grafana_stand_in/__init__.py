"""A stand-in for Grafana: it loads what Garrison provisions, keeps the admin's password, and asks Prometheus."""

# The release whose behaviour this follows.
VERSION = "13.1.0"
TITLE = "grafana - stand-in of Garrison's lab"
