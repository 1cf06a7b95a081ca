"""Threads that go on in the request they were started in: its id, trace and client are on their log lines."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def make_thread(target: Callable[[], Any], *, name: str, daemon: bool = True) -> threading.Thread:
    """A thread that runs ``target`` within the context of whoever made it; start it yourself."""
    return threading.Thread(target=copy_context().run, args=(target,), name=name, daemon=daemon)


class Pool(ThreadPoolExecutor):
    """A ThreadPoolExecutor whose tasks run within the context of whoever submitted them."""

    def submit(
        self, fn: Callable[Parameters, Result], /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Future[Result]:
        """As ThreadPoolExecutor's."""
        return super().submit(copy_context().run, partial(fn, *args, **kwargs))
