"""What the hardening has to look at beyond what the controls themselves ask."""

from garrison.hardening.aide import DATABASE, FIRST
from garrison.hardening.mounts import FSTAB
from garrison.hardening.packages import CLIENTS
from garrison.snapshot.host_model import HostWant

HARDENING_WANT = HostWant(
    texts=frozenset({FSTAB}), files=frozenset({DATABASE}), units=frozenset({FIRST}), removals=CLIENTS
)
