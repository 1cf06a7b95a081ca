"""The full machine under QEMU, hardened at `strict` (`python -m garrison.lab.vm up` makes one; `make test-vm`)."""

from pathlib import Path

from garrison.lab.lab import open_checkout
from garrison.lab.vm.inventory import describe_machine

vm_hosts = describe_machine(open_checkout(Path(__file__).resolve().parents[1]))

if not vm_hosts:
    # pyinfra ends with 0 when an inventory is empty.
    raise SystemExit("inventory/vm.py: the full machine is not up. Run `python -m garrison.lab.vm up`.")
