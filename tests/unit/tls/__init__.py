"""Tests of garrison.tls."""
