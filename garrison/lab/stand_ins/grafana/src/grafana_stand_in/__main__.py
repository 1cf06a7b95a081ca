"""``python -m grafana_stand_in server`` and ``… cli admin reset-admin-password``, with Grafana's own options."""

import argparse
import json
import logging
import signal
import sys
import threading
import time
from pathlib import Path

from grafana_stand_in import TITLE, VERSION
from grafana_stand_in.admin import Admin
from grafana_stand_in.config import Config, read_config
from grafana_stand_in.provisioning import load_boards, load_sources
from grafana_stand_in.routes import Grafana
from grafana_stand_in.server import Server

log = logging.getLogger("grafana_stand_in")


class _JsonLines(logging.Formatter):
    """One JSON object a line, with the keys that Grafana's own have."""

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "t": f"{seconds}.{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def main(words: list[str]) -> None:
    """Serve, or change the admin's password. Ends with 2 for what can't be read, and says which file it is."""
    parser = argparse.ArgumentParser(prog="grafana", description=TITLE)
    parser.add_argument("--version", action="version", version=f"{VERSION} ({TITLE})")
    commands = parser.add_subparsers(dest="command", required=True)
    server, tool = commands.add_parser("server"), commands.add_parser("cli")
    for one in (server, tool):
        one.add_argument("--homepath")
        one.add_argument("--config", type=Path, default=Path("/etc/grafana/grafana.ini"))
    server.add_argument("--packaging")
    tool.add_argument("words", nargs=2, metavar="admin reset-admin-password")
    tool.add_argument("--password-from-stdin", action="store_true", required=True)
    given = parser.parse_args(words)
    try:
        config = read_config(given.config)
        if given.command == "server":
            _serve(config)
        else:
            _reset(parser, config, given.words)
    except (OSError, ValueError) as error:
        parser.error(str(error))


def _reset(parser: argparse.ArgumentParser, config: Config, words: list[str]) -> None:
    if words != ["admin", "reset-admin-password"]:
        parser.error(f"the stand-in has no command {' '.join(words)!r}")
    Admin(config.data, config.admin_user).set(sys.stdin.readline().strip())


def _serve(config: Config) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    sources = load_sources(config.provisioning)
    boards = load_boards(config.provisioning, sources)
    admin = Admin(config.data, config.admin_user)
    admin.begin(config.admin_password)
    home = str(json.loads(config.home.read_text())["uid"]) if config.home else boards[0].uid
    grafana = Grafana(sources=sources, boards=boards, home=home)
    server = Server((config.http_addr, config.http_port), grafana, admin)
    # Told to stop in the thread that serves, it would wait for itself.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    log.info("%s, follows %s: %d dashboards", TITLE, VERSION, len(boards))
    server.serve_forever(poll_interval=0.5)
    server.server_close()


if __name__ == "__main__":
    main(sys.argv[1:])
