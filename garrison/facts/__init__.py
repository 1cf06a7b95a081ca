"""How pyinfra asks a host."""
