"""Turns a catalog and a host's settings into a release: files only, no host is asked."""
