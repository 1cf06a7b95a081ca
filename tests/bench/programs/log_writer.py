"""Writes numbered lines at a steady pace, and after a pause one about them: ``log_writer.py RATE SECONDS PAUSE``.

Runs in a container. Lines are as long as a service's line about a request. What its reader can't take in time waits
here and comes late.
"""

import sys
import time

RATE, SECONDS, PAUSE = map(float, sys.argv[1:])
TURN = 0.01
TEXT = (
    "a line about a request tells method, path, route, status, duration, peer, ids and who asked, which is "
    * 2
)

total, written, began = round(RATE * SECONDS), 0, time.monotonic()
while written < total:
    due = min(total, int((time.monotonic() - began) * RATE) + 1)
    sys.stdout.write("".join(f"line {number} {TEXT}end\n" for number in range(written, due)))
    sys.stdout.flush()
    written = due
    time.sleep(TURN)
took = time.monotonic() - began
# journald tells what it has suppressed with the first line that it takes again.
time.sleep(PAUSE)
print(f"wrote {total} in {took:.3f}", flush=True)  # noqa: T201 - this is a log
