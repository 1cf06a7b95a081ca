"""Where things of the certificates are on a host, by the names that more than one layer uses."""

RENEWAL_TIMER = "garrison-renewal.timer"
METRICS_FILE = "/var/lib/garrison/metrics/tls.prom"
