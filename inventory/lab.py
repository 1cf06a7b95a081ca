"""The lab hosts of this checkout that the deploy is for (`make up` makes one)."""

from pathlib import Path

from garrison.lab.inventory import describe_hosts
from garrison.lab.lab import open_checkout
from garrison.lab.outer import list_certificates

_lab = open_checkout(Path(__file__).resolve().parents[1])
lab_hosts = describe_hosts(_lab.places, _lab.recorded(), list_certificates())

if not lab_hosts:
    # pyinfra ends with 0 when an inventory is empty.
    raise SystemExit("inventory/lab.py: this checkout has no lab host. Run `make up`.")
