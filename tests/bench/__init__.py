"""Measurements as ratios: both sides in one run, round by round, on the same machine (docs/performance.md)."""
