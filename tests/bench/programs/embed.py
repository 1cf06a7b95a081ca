"""Rounds of the same batches: the service over HTTP, and ONNX Runtime directly. Runs on the host as root.

The argument is a JSON object with lib, port, rounds, batches and the program ``direct``. Answers in JSON.
"""

import http.client
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

want = json.loads(sys.argv[1])
podman = [f"{want['lib']}/as-stack", "podman"]
shown = [*podman, "secret", "inspect", "--showsecret", "--format", "{{.SecretData}}", "embeddings_key"]
key = subprocess.run(shown, check=True, capture_output=True, text=True).stdout.strip()
bodies = [json.dumps({"inputs": batch}).encode() for batch in want["batches"]]
headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


def ask(bodies: list[bytes]) -> list[bytes]:
    """The answers over one connection, one request after the other."""
    link = http.client.HTTPConnection("127.0.0.1", want["port"], timeout=300)
    answers = []
    for body in bodies:
        link.request("POST", "/embed", body, headers)
        answer = link.getresponse()
        answers.append(answer.read())
        if answer.status != 200:
            sys.exit(f"embeddings answered {answer.status}: {answers[-1][:300]!r}")
    link.close()
    return answers


def through_service(clients: int) -> tuple[float, list[list[float]]]:
    """Seconds for all batches by so many clients at once, and the first vector of each batch."""
    shares = [bodies[number::clients] for number in range(clients)]
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        answers = list(pool.map(ask, shares))
    seconds = time.perf_counter() - began
    return seconds, [json.loads(answer)[0] for answer in answers[0]]


class Direct:
    """The other side, waiting in the container between its rounds."""

    def __init__(self) -> None:
        words = [*podman, "exec", "-i", "garrison-embeddings", "/opt/venv/bin/python", "-c", want["direct"]]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.say(json.dumps(want["batches"]))

    def say(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


direct = Direct()
found = {"direct": [], "service": [], "two clients": [], "cosine": 1.0}
for number in range(want["rounds"] + 1):
    seconds, vectors = json.loads(direct.say("go"))
    one, answered = through_service(1)
    two, _ = through_service(2)
    found["cosine"] = min(found["cosine"], *map(cosine, vectors, answered))
    if number:  # the first round warms both sides
        found["direct"].append(seconds)
        found["service"].append(one)
        found["two clients"].append(two)
direct.process.stdin.close()
direct.process.wait()
json.dump(found, sys.stdout)
