"""The story: from a bare machine to a hardened host, phase by phase. `pyinfra INVENTORY deploy.py`."""

from tasks import PHASES

for phase in PHASES:
    phase()
