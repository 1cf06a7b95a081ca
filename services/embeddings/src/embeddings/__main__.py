"""``python -m embeddings``: checks settings, keys and the agreed model, then serves."""

from garrison_kit import embedding, gunicorn, logging, settings, tracing
from garrison_kit.health import NotReadyError
from garrison_kit.settings import SettingsError
from garrison_kit.startup import fail_closed

from embeddings import __version__
from embeddings.app import SERVICE, create
from embeddings.model import DIMENSIONS, NAME
from embeddings.settings import PREFIX, Settings

# Threads beyond those that embed: probes and refusals must not wait for a place.
_SPARE_THREADS = 4


def main() -> None:
    """Serve until SIGTERM; bad settings, keys or another model than agreed end the process with 2 and one line."""
    logging.configure(SERVICE, __version__)
    with fail_closed():
        loaded = settings.load(Settings, PREFIX)
        logging.configure(SERVICE, __version__, loaded.log_level)
        check_agreement()
        application = create(loaded)

    def start() -> None:
        # After the fork: both start threads.
        tracing.configure(SERVICE, __version__)
        application.engine.load_in_background()

    gunicorn.serve(
        application.flask,
        loaded.host,
        loaded.port,
        threads=loaded.max_concurrent + _SPARE_THREADS,
        on_start=start,
        on_stop=application.engine.stop,
    )


def check_agreement() -> None:
    """Raise SettingsError unless the model here is the one that all services have agreed on."""
    try:
        embedding.check({"model": NAME, "dimension": DIMENSIONS}, embedding.expected())
    except NotReadyError as error:
        raise SettingsError(str(error)) from error


if __name__ == "__main__":
    main()
