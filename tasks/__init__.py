"""What is done to a host: one phase a file, in this order."""

from tasks.auth import auth
from tasks.errors import errors
from tasks.exposure import exposure
from tasks.host import host
from tasks.metrics import metrics
from tasks.network import network
from tasks.preflight import preflight
from tasks.settle import settle
from tasks.tls import tls
from tasks.tracing import tracing

PHASES = (preflight, host, network, tls, auth, errors, exposure, metrics, tracing, settle)
