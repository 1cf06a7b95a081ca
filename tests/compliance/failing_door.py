"""The door's image with the whole configuration of the running door, before services that fail as they are told."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost

NAME = "door-test-failures"
DOOR, UPSTREAM = f"{NAME}-door", f"{NAME}-upstream"
# A service whose errors aren't problem documents: the door puts its own in their place.
FOREIGN = "llama-cpp"
# What a service says besides its status: none of it may come out.
INSIDE = "psycopg.OperationalError at /srv/app/inside.py"
# As start.sh does it, but for the other services' keys, which nobody checks here.
PREPARE = """
mkdir -p /tmp/nginx
echo "resolver $(sed -n 's/^nameserver //p' /etc/resolv.conf | head -1) valid=1s ipv6=off;" > /tmp/nginx/resolvers.conf
sed -n "s/^write_shared_key \\(.*\\)/map '' \\$bearer_\\1 { default none; }/p" /etc/garrison/start.sh \
    > /tmp/nginx/shared_keys.conf
"""
SERVE = "nginx -c {} > /tmp/log 2>&1 || { cat /tmp/log >&2; exit 1; }"


def upstream_of(port: int) -> str:
    """The configuration of a server that answers /<status> by that status, and /silent never."""
    paths = " ".join(
        f"{kind}_temp_path /tmp/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
load_module modules/ndk_http_module.so;
load_module modules/ngx_http_lua_module.so;
pid /tmp/pid;
error_log /dev/stderr;
events {{}}
http {{
    access_log off;
    {paths}
    server {{
        listen {port};
        location ~ "/(?<asked>[0-9]{{3}})$" {{
            content_by_lua_block {{
                ngx.status = tonumber(ngx.var.asked)
                ngx.header["X-Powered-By"] = "{INSIDE}"
                ngx.say("{INSIDE}")
            }}
        }}
        location ~ "/silent$" {{
            content_by_lua_block {{ ngx.sleep(600) }}
        }}
    }}
}}
"""


@dataclass(frozen=True)
class Answer:
    """What the door said to one request."""

    status: int
    version: str
    headers: str
    body: str


@dataclass(frozen=True)
class FailingDoor:
    """Two containers on a network of their own; ``services`` name the upstream there."""

    live: LiveHost
    name: str
    services: tuple[str, ...]
    port: int

    def make(self) -> None:
        """Both serving."""
        door = json.loads(self.live.podman("inspect", "garrison-nginx"))[0]
        mounts = [
            word
            for one in door["Mounts"]
            for word in ("--volume", f"{one['Source']}:{one['Destination']}:ro")
        ]
        self.live.podman("network", "create", "--ignore", "--internal", NAME)
        aliases = ",".join(f"alias={service}" for service in self.services)
        self._start(UPSTREAM, door["ImageName"], "--network", f"{NAME}:{aliases}")
        self._start(DOOR, door["ImageName"], "--network", NAME, *mounts)
        self.run(UPSTREAM, "cat > /tmp/upstream.conf", upstream_of(self.port))
        self.run(UPSTREAM, SERVE.replace("{}", "/tmp/upstream.conf"))
        self.run(DOOR, PREPARE)
        self.run(DOOR, SERVE.replace("{}", "/etc/garrison/nginx/nginx.conf"))

    def serve_anew(self, change: str = "") -> None:
        """With the configuration changed by a script of sed's; without one, as it was."""
        self.run(
            DOOR,
            "kill -QUIT $(cat /tmp/nginx/nginx.pid); while [ -e /tmp/nginx/nginx.pid ]; do sleep 0.1; done\n"
            "rm -rf /tmp/changed; cp -r /etc/garrison/nginx /tmp/changed\n"
            f"sed -i -E -e '{change}' -e 's#/etc/garrison/nginx/([a-z]+[.]conf);#/tmp/changed/\\1;#'"
            " /tmp/changed/*.conf\n"
            f"{SERVE.replace('{}', '/tmp/changed/nginx.conf')}",
        )

    def _start(self, name: str, image: str, *more: str) -> None:
        self.live.podman(
            *("run", "--detach", "--replace", "--rm", "--name", name, "--read-only", "--cap-drop", "ALL"),
            *("--security-opt", "no-new-privileges", "--user", "101:101", "--tmpfs", "/tmp:rw,mode=1777"),
            *(*more, "--entrypoint", "sleep", image, "infinity"),
        )

    def remove(self) -> None:
        """Also what was never made."""
        self.live.quietly(f"{LIB}/as-stack podman rm --force --time 0 --ignore {DOOR} {UPSTREAM}")
        self.live.quietly(f"{LIB}/as-stack podman network rm --force {NAME}")

    def run(self, container: str, line: str, text: str = "") -> str:
        """Standard output of a shell line in one of them, with ``text`` as standard input."""
        words = ["podman", "exec", "--interactive", container, "sh", "-c", line]
        return self.live.pipe(text, f"{LIB}/as-stack {shlex.join(words)}")

    def ask(self, path: str, *options: str, key: str | None = None) -> Answer:
        """One request of curl's, which knows every version of HTTP that the door speaks."""
        own = ("-H", f"X-API-Key: {key}") if key else ()
        address = f"{self.name}:8443"
        words = (
            *("curl", "-sk", "--path-as-is", "-D", "/tmp/headers", "-o", "/tmp/body", *own, *options),
            *(
                "-w",
                "%{http_code} %{http_version}",
                "--resolve",
                f"{address}:127.0.0.1",
                f"https://{address}{path}",
            ),
        )
        shown = "echo; cat /tmp/headers; echo ---; cat /tmp/body"
        line = f": > /tmp/headers; : > /tmp/body; {shlex.join(words)} || true; {shown}"
        first, _, rest = self.run(DOOR, line).partition("\n")
        headers, _, body = rest.partition("---\n")
        status, version = first.split()
        return Answer(int(status), version, headers.replace("\r", ""), body)


@pytest.fixture(scope="module")
def failing(live: LiveHost, wanted: Wanted) -> Iterator[FailingDoor]:
    """The door before a service of others', for the tests of one file."""
    service = wanted.catalog.services[FOREIGN]
    assert service.route
    assert not service.verifies_keys
    made = FailingDoor(live, wanted.settings.server_names[0], (FOREIGN,), service.listen[service.route.port])
    try:
        made.make()
        yield made
    finally:
        made.remove()
