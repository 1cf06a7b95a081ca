"""What the inventory gives becomes a Podman secret, whole and seen by nobody."""

import base64

import pytest

MARK = "0123456789abcdef" * 2
VALUE = "hunter2-with-ümlaut"


def said(value: str, mark: str = MARK) -> str:
    return f"{mark}\n{base64.b64encode(value.encode()).decode()}\n"


def test_the_value_arrives_as_it_is_without_a_line_break(host):
    done = host.run("give-secret", "alerts_email_secret", stdin=said(VALUE))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert host.secret("alerts_email_secret") == VALUE


def test_it_takes_the_place_of_an_earlier_one_and_bears_its_mark(host):
    host.add_secret("alerts_email_secret", "old")
    host.run("give-secret", "alerts_email_secret", stdin=said(VALUE))
    assert host.secret("alerts_email_secret") == VALUE
    assert "--replace" in host.argv
    for label in ("garrison=1", "garrison.credential=1", f"garrison.given={MARK}"):
        assert f"--label {label}" in host.argv


def test_it_is_in_no_argument(host):
    host.run("give-secret", "alerts_email_secret", stdin=said(VALUE))
    assert VALUE not in host.argv
    assert base64.b64encode(VALUE.encode()).decode() not in host.argv


@pytest.mark.parametrize(
    ("name", "stdin"),
    [
        ("Alerts", said(VALUE)),
        ("alerts", said(VALUE, "x")),
        ("alerts", f"{MARK}\nhunter2!"),
        ("alerts", f"{MARK}\n"),
        ("alerts", said(VALUE).partition("\n")[2]),
    ],
    ids=["a name", "a mark", "no base64", "nothing", "no mark"],
)
def test_what_does_not_fit_changes_nothing(host, name, stdin):
    done = host.run("give-secret", name, stdin=stdin)
    assert done.returncode != 0
    assert "hunter2" not in done.stderr
    assert not (host.lib / "secrets").exists()


def test_it_says_what_podman_complained_of(host):
    (host.lib / "as-stack").write_text("#!/bin/sh\ncat >/dev/null\necho 'no space left' >&2\nexit 125\n")
    done = host.run("give-secret", "alerts_email_secret", stdin=said(VALUE))
    assert (done.returncode, done.stderr) == (1, "podman secret create failed: no space left\n")
