"""A stand-in for Jaeger: it takes OTLP over HTTP, keeps traces in memory, and answers what Garrison asks of Jaeger."""

TITLE = "a stand-in for Jaeger, not Jaeger"
VERSION = "2.20.0"  # the version whose configuration and answers it follows
