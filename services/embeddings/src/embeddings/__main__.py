"""``python -m embeddings``: checks settings and keys, then serves."""

from garrison_kit import logging, settings
from garrison_kit.startup import fail_closed

from embeddings import __version__
from embeddings.app import SERVICE, create
from embeddings.server import Server
from embeddings.settings import PREFIX, Settings


def main() -> None:
    """Serve until SIGTERM; bad settings or keys end the process with code 2 and one line."""
    logging.configure(SERVICE, __version__)
    with fail_closed():
        loaded = settings.load(Settings, PREFIX)
        logging.configure(SERVICE, __version__, loaded.log_level)
        application = create(loaded)
    Server(application, loaded).run()


if __name__ == "__main__":
    main()
