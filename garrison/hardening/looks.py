"""What the hardening has to look at beyond what the controls themselves ask: the files that it edits as text."""

from garrison.snapshot.host_model import HostWant

HARDENING_WANT = HostWant(texts=frozenset({"/etc/fstab"}))
