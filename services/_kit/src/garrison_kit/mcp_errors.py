"""Keeps to the service what the SDK would tell of its own parsing: those messages quote pydantic's."""

import json

from starlette.types import Message, Send

_TELLING = ("Parse error: ", "Validation error: ")


def keep_short(send: Send) -> Send:
    """``send``, but the error that answers what is no JSON-RPC says only that, and not in the words of a library."""
    held: Message | None = None

    async def pass_on(message: Message) -> None:
        nonlocal held
        if message["type"] == "http.response.start" and message["status"] == 400:
            held = message
            return
        if held is not None:
            body = _shorten(message.get("body", b""))
            kept = [pair for pair in held["headers"] if pair[0].lower() != b"content-length"]
            length = (b"content-length", str(len(body)).encode())
            start, held = {**held, "headers": [*kept, length]}, None
            await send(start)
            message = {**message, "body": body}
        await send(message)

    return pass_on


def _shorten(body: bytes) -> bytes:
    try:
        document = json.loads(body)
        message = document["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return body
    if not str(message).startswith(_TELLING):
        return body
    document["error"]["message"] = message.partition(":")[0]
    return json.dumps(document).encode()
