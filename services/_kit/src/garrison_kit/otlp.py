"""Spans as OTLP's bytes, written straight from the protocol: by its message classes a span took ten times as long."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from struct import Struct

from opentelemetry.trace import SpanContext, SpanKind

from garrison_kit.finished import Finished, Value

# A field begins with its number and its wire type; the numbers are of opentelemetry/proto/trace/v1/trace.proto.
_IDS, _PARENT, _TIMES = Struct(">2sQQ2sQ"), Struct(">2sQ"), Struct("<cQcQ")
_TRACE_ID, _SPAN_ID, _PARENT_ID, _STATE, _NAME = b"\x0a\x10", b"\x12\x08", b"\x22\x08", 0x1A, 0x2A
_STARTED, _ENDED, _ATTRIBUTE = b"\x39", b"\x41", 0x4A
_KINDS = {kind: bytes((0x30, kind.value + 1)) for kind in SpanKind}
_UNSET, _FAILED = b"\x7a\x00", b"\x7a\x02\x18\x02"
_LOCAL, _REMOTE = b"\x85\x01\x00\x01\x00\x00", b"\x85\x01\x00\x03\x00\x00"  # where the parent is
_DOUBLE = Struct("<cd")
_WORD = 2**64 - 1
_REMEMBERED = 1024
_ID = 32  # characters; request ids are as long


class Envelope:
    """What spans travel in: whose they are, and what made them."""

    def __init__(self, resource: Mapping[str, Value], scope: str, version: str) -> None:
        about = b"".join(_field(0x0A, _pair(key, value)) for key, value in resource.items())
        self._resource = _field(0x0A, about)
        self._scope = _field(0x0A, _text(0x0A, scope) + _text(0x12, version))

    def hold(self, spans: Iterable[Finished]) -> bytes:
        """An ExportTraceServiceRequest of ``spans``."""
        scoped = b"".join([self._scope, *(_field(0x12, encode(span)) for span in spans)])
        return _field(0x0A, self._resource + _field(0x12, scoped))


def encode(span: Finished) -> bytes:
    """A Span."""
    context, parent = span.context, span.parent
    trace_id = context.trace_id
    parts = [_IDS.pack(_TRACE_ID, trace_id >> 64, trace_id & _WORD, _SPAN_ID, context.span_id)]
    if context.trace_state:
        parts.append(_state(context))
    if parent is not None:
        parts.append(_PARENT.pack(_PARENT_ID, parent.span_id))
    parts += (
        _name(span.name),
        _KINDS[span.kind],
        _TIMES.pack(_STARTED, span.started, _ENDED, span.ended),
        *[_attribute(key, value) for key, value in span.attributes.items()],
        _FAILED if span.is_failed else _UNSET,
        _REMOTE if parent is not None and parent.is_remote else _LOCAL,
    )
    return b"".join(parts)


@lru_cache(_REMEMBERED)
def _name(name: str) -> bytes:
    return _text(_NAME, name)


def _attribute(key: str, value: Value) -> bytes:
    # Routes, methods, statuses and clients come again and again; what is as long as an id seldom does.
    return _once(key, value) if type(value) is str and len(value) >= _ID else _remembered(key, value)


def _once(key: str, value: str) -> bytes:
    name, text = key.encode(), value.encode(errors="replace")
    size = len(name) + len(text) + 6
    if size < 128:
        head, tail = (_ATTRIBUTE, size, len(name), name), (len(text) + 2, len(text), text)
        return b"%c%c\x0a%c%b\x12%c\x0a%c%b" % (*head, *tail)
    return _field(_ATTRIBUTE, _pair(key, value))


# 1, 1.0 and True are three values.
@lru_cache(_REMEMBERED, typed=True)
def _remembered(key: str, value: Value) -> bytes:
    return _field(_ATTRIBUTE, _pair(key, value))


def _pair(key: str, value: Value) -> bytes:
    return _text(0x0A, key) + _field(0x12, _value(value))


def _value(value: Value) -> bytes:
    match value:
        case bool():
            return bytes((0x10, value))
        case int():
            return b"\x18" + _number(value & _WORD)
        case float():
            return _DOUBLE.pack(b"\x21", value)
        case str():
            return _text(0x0A, value)


def _state(context: SpanContext) -> bytes:
    return _text(_STATE, ",".join(f"{key}={value}" for key, value in context.trace_state.items()))


def _text(tag: int, text: str) -> bytes:
    return _field(tag, text.encode(errors="replace"))


def _field(tag: int, content: bytes) -> bytes:
    size = len(content)
    return (bytes((tag, size)) if size < 128 else bytes((tag,)) + _number(size)) + content


def _number(number: int) -> bytes:
    """A varint: seven bits a byte, the lowest first, all but the last with the high bit."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)
