"""What must hold on a full machine with a kernel of its own: `make test-vm`, by hand or at night."""
