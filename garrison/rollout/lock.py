"""One run at a time on a host: a lock that lives exactly as long as the connection that took it."""

import getpass
import json
import shlex
import socket
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

import gevent
from pyinfra.api.exceptions import OperationError
from pyinfra.api.host import Host

HEARTBEAT = 20.0
# By host, the two ends of the connection that holds its lock.
_held: "WeakKeyDictionary[Host, tuple[Any, Any]]" = WeakKeyDictionary()
_NOBODY = {"who": "somebody", "since": "a moment ago", "run": "unknown"}

# The holder waits for the end of its standard input, which sshd closes with the connection: a run that was
# killed leaves no lock behind. A controller that vanished from the network closes nothing, so the holder also
# wants to hear from it. The generation tells whether somebody deployed since the plan. The lock's file is
# nobody else's to open: whoever can read a file can lock it. A collector that looks holds it for a moment.
# When it was taken, and a line with what a run came to that passed every gate, become metrics; a mark stays until
# that line has come.
HOLDER = """
import fcntl, json, os, pathlib, select, sys, time
who, expected, unproven = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3:]
run, state = pathlib.Path("/run/garrison"), pathlib.Path("/var/lib/garrison")

def measure(file, **gauges):
    place = state / "metrics" / file
    if place.parent.is_dir():  # phase 1.1 makes it
        new = place.with_suffix(".new")
        new.write_text("".join(f"# TYPE {name} gauge\\n{name}{said}\\n" for name, said in gauges.items()))
        new.chmod(0o644)
        new.replace(place)

for folder in (run, state):
    folder.mkdir(mode=0o755, exist_ok=True)
lock = os.open(run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
os.fchmod(lock, 0o600)
holder = run / "holder.json"
for attempt in range(10):
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        break
    except BlockingIOError:
        time.sleep(0.1)
else:
    sys.exit("locked " + (holder.read_text() if holder.exists() else "{}"))
generation = state / "generation"
found = generation.read_text().strip() if generation.exists() else ""
if found != expected:
    sys.exit("changed")
for phase in unproven:
    (state / "proven" / phase).unlink(missing_ok=True)
holder.write_text(json.dumps(who))
generation.write_text(who["run"] + "\\n")
unnoted = state / "unnoted"
unnoted.touch()
began = time.time()
measure("deploy-begun.prom", garrison_deploy_begun_timestamp_seconds=f" {began:.3f}")
print("held", flush=True)
heard = b""
while select.select([0], [], [], 90)[0] and (said := os.read(0, 4096)):
    line, end, heard = (heard + said).lstrip(b".").rpartition(b"\\n")
    if end:
        told, now = json.loads(line), time.time()
        measure("deploy-begun.prom", garrison_deploy_begun_timestamp_seconds=f" {began:.3f}")
        measure(
            "deploy.prom",
            garrison_deploy_ended_timestamp_seconds=f" {now:.3f}",
            garrison_deploy_duration_seconds=f" {now - began:.3f}",
            garrison_deploy_changes=f" {int(told['changes'])}",
            garrison_deploy_info='{release="%s"} 1' % told["release"],
        )
        unnoted.unlink(missing_ok=True)
        print("noted", flush=True)
holder.unlink(missing_ok=True)
"""


def hold_lock(host: Host, generation: str, unproven: tuple[str, ...]) -> None:
    """Take the host's lock until the connection ends; ``generation`` is the one that the plan was made for.

    Raises OperationError that says who holds it and since when, or that the host changed meanwhile.
    """
    who = {
        "who": f"{getpass.getuser()}@{socket.gethostname()}",
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "run": uuid4().hex[:12],
    }
    words = shlex.join(["sudo", "-n", "python3", "-I", "-c", HOLDER, json.dumps(who), generation, *unproven])
    connector: Any = host.connector
    if not getattr(connector, "client", None):
        raise OperationError("Garrison deploys over SSH: give the host an ssh_hostname in the inventory.")
    stdin, stdout, stderr = connector.client.exec_command(words)
    if stdout.readline().strip() == "held":
        _held[host] = (stdin, stdout)
        gevent.spawn(_keep_alive, stdin)
        return
    raise OperationError(explain_refusal(stderr.read().decode()))


def note_end(host: Host, *, changes: int, release: str) -> None:
    """Have the host note, as metrics, that the run that holds its lock passed every gate: so many changes, and whose.

    Raises OperationError when it doesn't answer.
    """
    stdin, stdout = _held[host]
    stdin.channel.sendall(json.dumps({"changes": changes, "release": release}).encode() + b"\n")
    if stdout.readline().strip() != "noted":
        raise OperationError(
            "everything has passed, and the host couldn't note it. Has it room? df /var/lib/garrison/metrics"
        )


def _keep_alive(stdin: Any) -> None:
    """Tell the holder that this run is still there, for as long as the connection is.

    ``stdin`` is kept because paramiko ends the holder's input with the object that stands for it. ``send`` and
    not ``sendall``, which tries for ever on a channel that takes nothing any more.
    """
    while not stdin.channel.closed:
        try:
            if stdin.channel.send(b".") == 0:
                return
        except OSError:
            return  # the connection is gone, and the lock with it
        gevent.sleep(HEARTBEAT)


def explain_refusal(answer: str) -> str:
    """The sentence for a person, from what the holder program wrote on standard error."""
    if answer.startswith("locked "):
        holder = _NOBODY | json.loads(answer.removeprefix("locked "))
        return (
            f"{holder['who']} has been deploying to this host since {holder['since']} (run {holder['run']}). "
            "Wait until that run has ended; the lock goes with its connection."
        )
    if answer.strip() == "changed":
        return "another run changed this host after this one had looked. Run again: the plan has to be made anew."
    return f"the host's lock can't be taken: {answer.strip() or 'no answer'}. Is sudo allowed without a password?"
