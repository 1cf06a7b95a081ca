"""Real machines: copy this file, fill in your own names, and run `garrison deploy inventory/mine.py --dry`.

Any Debian 13 host will do that you reach over SSH as a user with sudo that asks for no password.
docs/operating.md explains every setting.
"""

from pathlib import Path

_ssh = {
    "ssh_user": "ops",
    "ssh_key": str(Path("~/.ssh/id_ed25519").expanduser()),
    "ssh_known_hosts_file": str(Path("~/.ssh/known_hosts").expanduser()),
    "ssh_strict_host_key_checking": "yes",  # an unknown host is refused instead of being written down
    "_sudo": True,
}

# Each list is a group; a group may also be (list, data) to give all its hosts the same settings.
ai_hosts = [
    (
        "ai1",
        {
            **_ssh,
            "ssh_hostname": "ai1.example.net",
            # What clients call the host: the certificate is made for exactly these.
            "server_names": ["ai1.example.net", "192.0.2.10"],
        },
    ),
    (
        "ai2",
        {
            **_ssh,
            "ssh_hostname": "ai2.example.net",
            "server_names": ["ai2.example.net"],
            # A certificate of your own instead of the fleet's CA.
            # "tls": {"mode": "own", "certificate": "certs/ai2.pem", "key": "certs/ai2.key"},
            # A company's CA, for package mirrors and image builds behind a proxy.
            # "extra_ca_certificates": ["certs/company-ca.crt"],
            # Prometheus, and who is told of its alerts; the file holds the webhook's bearer token.
            # "profiles": ["core", "observability"],
            # "alerts": {"webhook": {"url": "https://hooks.example.net/garrison", "token_file": "secrets/webhook"}},
        },
    ),
]
