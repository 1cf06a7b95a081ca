"""Requests and handshakes a second of the door's nginx, plain and with the whole configuration, in turns.

Runs on the host as root. The argument is a JSON object with lib, name, service, port, path, rounds, requests and
seconds. Both sides are containers of the door's image on a network of their own, with the door's certificates, before
the same upstream, which stands in for the service. The servers have the first core, load and upstream the second.
Everything is removed in the end. Answers in JSON.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

want = json.loads(sys.argv[1])
NETWORK, CLIENT = "door-speed", "bench"
SIDES = ("plain", "door")
BASE = "worker_processes 2; pid /tmp/pid; error_log /dev/stderr; events { worker_connections 4096; }\n"
PATHS = " ".join(
    f"{kind}_temp_path /tmp/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)
UPSTREAM = BASE + (
    f"http {{ access_log off; {PATHS} server {{ listen {want['port']} backlog=4096; location / {{ "
    f'default_type application/json; return 200 \'{{"padding":"{"x" * 200}"}}\'; }} }} }}\n'
)
PLAIN = BASE + (
    f"http {{ access_log off; {PATHS} include /etc/garrison/tls/live/certificates.conf; server {{ "
    f"listen 8443 ssl backlog=4096; location / {{ proxy_pass http://{want['service']}:{want['port']}; }} }} }}\n"
)
# As start.sh does, but for the other services' keys, which nobody sends here.
PREPARE = """
mkdir -p /tmp/nginx
echo "resolver $(sed -n 's/^nameserver //p' /etc/resolv.conf | head -1) valid=5s ipv6=off;" > /tmp/nginx/resolvers.conf
sed -n "s/^write_shared_key \\(.*\\)/map '' \\$bearer_\\1 { default none; }/p" /etc/garrison/start.sh \
    > /tmp/nginx/shared_keys.conf
"""


def run(*words: str, text: str = "") -> str:
    done = subprocess.run(words, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{shlex.join(words)[:200]}: {done.stderr[-800:]}{done.stdout[-800:]}")
    return done.stdout


def podman(*words: str, text: str = "") -> str:
    return run(f"{want['lib']}/as-stack", "podman", *words, text=text)


def start(name: str, configuration: str, prepare: str, door: dict, *more: str) -> tuple[str, list[str]]:
    """The container's process, and its nginx's workers, on the core that is theirs."""
    mounts = [
        word for one in door["Mounts"] for word in ("--volume", f"{one['Source']}:{one['Destination']}:ro")
    ]
    podman(
        *(
            "run",
            "--detach",
            "--replace",
            "--rm",
            "--name",
            f"{NETWORK}-{name}",
            "--read-only",
            "--cap-drop",
            "ALL",
        ),
        *("--user", "101:101", "--log-driver", "journald", "--tmpfs", "/tmp:rw,mode=1777", *mounts, *more),
        *("--entrypoint", "sh", door["ImageName"], "-c"),
        "until [ -e /tmp/go ]; do sleep 0.1; done; exec nginx -c /tmp/nginx.conf -g 'daemon off;'",
    )
    line = f"cat > /tmp/nginx.conf\n{prepare}\ntouch /tmp/go"
    podman("exec", "--interactive", f"{NETWORK}-{name}", "sh", "-c", line, text=configuration)
    pid = podman("inspect", "--format", "{{.State.Pid}}", f"{NETWORK}-{name}").strip()
    core = "1" if name == "upstream" else "0"
    for _ in range(100):
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if len(workers) == 2 and b"nginx" in Path(f"/proc/{pid}/cmdline").read_bytes():
            break
        time.sleep(0.1)
    else:
        sys.exit(f"nginx of {name} doesn't run: {run('journalctl', '-n', '20', '--no-pager')}")
    for worker in workers:
        run("taskset", "-cp", core, worker)
    return pid, workers


def used(workers: list[str]) -> float:
    """Seconds of processor time."""
    return sum(int(Path(f"/proc/{one}/schedstat").read_text().split()[0]) for one in workers) / 1e9


def inside(pid: str, *words: str) -> list[str]:
    return ["nsenter", "-t", pid, "-n", "taskset", "-c", "1", *words]


def requests(side: str, pid: str, key: str) -> tuple[int, float]:
    """How many were answered, and how many in a second."""
    said = run(
        *inside(pid, "h2load", "--h1", "-c", "8", "-n", str(want["requests"])),
        *("-H", f"Host: {want['name']}:8443", "-H", f"X-API-Key: {key}", "--connect-to", "127.0.0.1:8443"),
        f"https://{want['name']}:8443{want['path']}",
    )
    good = int(re.findall(r"(\d+) 2xx", said)[0])
    if good != want["requests"]:
        sys.exit(f"{side} answered {good} of {want['requests']}: {said}")
    return good, float(re.findall(r"([\d.]+) req/s", said)[0])


def handshakes(pid: str) -> tuple[int, float]:
    """New sessions, by two clients at once."""
    seconds = str(want["seconds"])
    words = inside(pid, "openssl", "s_time", "-connect", "127.0.0.1:8443", "-new", "-time", seconds)
    clients = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in "ab"
    ]
    said = [client.communicate()[0] for client in clients]
    made = [re.search(r"(\d+) connections in (\d+) real seconds", text) for text in said]
    if not all(made):
        sys.exit("\n".join(said)[-800:])
    count = sum(int(one[1]) for one in made if one)
    return count, count / want["seconds"]


def measure(
    sides: dict[str, tuple[str, list[str]]], key: str
) -> dict[str, dict[str, list[dict[str, float]]]]:
    """Each round asks each side once for each; the first round warms them and isn't told."""
    found: dict = {kind: {side: [] for side in SIDES} for kind in ("requests", "handshakes")}
    for turn in range(want["rounds"] + 1):
        for kind in found:
            for side, (pid, workers) in sides.items():
                before = used(workers)
                count, rate = requests(side, pid, key) if kind == "requests" else handshakes(pid)
                if turn:
                    found[kind][side].append({"rate": rate, "cpu": (used(workers) - before) / count})
    return found


def main() -> None:
    door = json.loads(podman("inspect", "garrison-nginx"))[0]
    (folder,) = [one["Source"] for one in door["Mounts"] if one["Destination"] == "/etc/garrison/nginx"]
    whole = Path(folder, "nginx.conf").read_text()
    whole, limits = re.subn(r"rate=\d+r/s|burst=\d+|(?<=limit_conn concurrent )\d+", _out_of_reach, whole)
    assert limits == 3, "the limits aren't where they were"
    keys = f"{want['lib']}/keys"
    subprocess.run([keys, "revoke", CLIENT], capture_output=True)
    key = run(keys, "add", CLIENT, "--scopes", "read").strip()
    podman("network", "create", "--ignore", "--internal", NETWORK)
    try:
        start("upstream", UPSTREAM, "", door, "--network", f"{NETWORK}:alias={want['service']}")
        sides = {
            "plain": start("plain", PLAIN, "", door, "--network", NETWORK),
            "door": start("door", whole, PREPARE, door, "--network", NETWORK),
        }
        json.dump(measure(sides, key), sys.stdout)
    finally:
        run(keys, "revoke", CLIENT)
        names = [f"{NETWORK}-{name}" for name in ("door", "plain", "upstream")]
        podman("rm", "--force", "--time", "0", "--ignore", *names)
        podman("network", "rm", "--force", NETWORK)


def _out_of_reach(found: re.Match) -> str:
    """The limits stay on, but nobody meets them."""
    word = found[0]
    return (
        "rate=1000000r/s"
        if word.startswith("rate")
        else "burst=1000000"
        if word.startswith("burst")
        else "1000"
    )


os.chdir("/")
main()
