"""Content by URL: only from the hosts that an operator allows, and never from inside."""
