"""The lockout guard's side of the controller: a new login as proof, and patience where it doesn't come."""
