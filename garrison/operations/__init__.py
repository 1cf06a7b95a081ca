"""How pyinfra carries a plan out."""
