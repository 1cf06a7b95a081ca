"""The version that a manifest names."""

VERSION = "0.1.0"
