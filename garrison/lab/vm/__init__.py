"""A full machine for what a container host lacks: Debian under QEMU without KVM, with a kernel of its own."""
