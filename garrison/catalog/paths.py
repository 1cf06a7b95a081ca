"""Paths as a service.yaml may write them: in a container, in a URL, in the service's own folder."""

import re
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

# What follows becomes part of arguments such as --volume SOURCE:TARGET:ro, so a colon or a comma in a path could say
# more than a path may.
_PATH = re.compile(r"^/[A-Za-z0-9._/@+-]*$")
_URL_PATH = re.compile(r"^/[A-Za-z0-9._~/?=&%-]*$")


def _absolute(path: str) -> str:
    if not _PATH.fullmatch(path) or ".." in PurePosixPath(path).parts:
        raise ValueError(
            f"{path!r} is not a plain path from the root; begin with /, without '..', with letters, digits and ._/@+-"
        )
    return path


def _url_path(path: str) -> str:
    if not _URL_PATH.fullmatch(path):
        raise ValueError(f"{path!r} is not the path of a URL; begin with / and encode what is unusual")
    return path


AbsolutePath = Annotated[str, AfterValidator(_absolute)]
UrlPath = Annotated[str, AfterValidator(_url_path)]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._][A-Za-z0-9._/-]*$")]
