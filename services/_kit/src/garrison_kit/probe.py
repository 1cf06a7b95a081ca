"""``python -m garrison_kit.probe URL``: exit 0 when the URL answers 2xx within three seconds."""

import sys
from http.client import HTTPConnection, HTTPException

TIMEOUT = 3.0


def probe(url: str, timeout: float = TIMEOUT) -> bool:
    """Whether ``http://host[:port]/path`` answers 2xx in time; any failure to answer is a no."""
    scheme, _, rest = url.partition("://")
    if scheme != "http" or not rest:
        raise ValueError(f"{url!r} is not an http:// URL")
    netloc, _, path = rest.partition("/")
    connection = HTTPConnection(netloc, timeout=timeout)
    try:
        connection.request("GET", f"/{path}", headers={"Connection": "close"})
        return 200 <= connection.getresponse().status < 300
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if len(sys.argv) == 2 and probe(sys.argv[1]) else 1)
