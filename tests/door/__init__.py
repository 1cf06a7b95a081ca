"""The door from another machine: scans, attacks, restarts under load."""
