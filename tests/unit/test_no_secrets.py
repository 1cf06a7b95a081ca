"""The repository holds no secret (X09): nothing in it has the form of a key or token that opens anything."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

# By their forms alone: names and entropy would find two hundred digests and passwords of tests.
FORMS = {
    "a private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\\?[rn\s]+(?:[A-Za-z0-9+/=]{50,}\\?[rn\s]+){2}",
    "a key of a client of ours": rb"\bgk_[A-Za-z0-9_-]{43}\b",
    "a key of age": rb"\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b",
    "a key of AWS": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a key of Google": rb"\bAIza[0-9A-Za-z_-]{35}\b",
    "a key of a model's provider": rb"\b(?:sk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}|hf_[A-Za-z0-9]{34})\b",
    "a key of Stripe": rb"\b[rs]k_live_[0-9A-Za-z]{20,}\b",
    "a token of GitHub": rb"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})\b",
    "a token of GitLab": rb"\bglpat-[A-Za-z0-9_-]{20,}\b",
    "a token of a package index": rb"\b(?:pypi-AgEI[A-Za-z0-9_-]{50,}|npm_[A-Za-z0-9]{36})\b",
    "a token of Slack": rb"\bxox[abeprs]-[A-Za-z0-9-]{20,}\b",
    "a signed token": rb"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
}
COMPILED = {what: re.compile(form) for what, form in FORMS.items()}
LINE = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgabcdefghijklmnop"
# Put together here, so that this file holds none of them.
SECRETS = {
    "a private key": "\n".join(("-----BEGIN EC " + "PRIVATE KEY-----", LINE, LINE, "")),
    "a key of a client of ours": "gk_" + "a-" * 21 + "b",
    "a key of age": "AGE-SECRET-KEY-1" + "Q" * 58,
    "a key of AWS": "AKIA" + "Q" * 16,
    "a key of Google": "AIza" + "q" * 35,
    "a key of a model's provider": "sk-ant-" + "q" * 40,
    "a key of Stripe": "sk_live_" + "q" * 24,
    "a token of GitHub": "ghp_" + "q" * 36,
    "a token of GitLab": "glpat-" + "q" * 20,
    "a token of a package index": "npm_" + "q" * 36,
    "a token of Slack": "xoxb-" + "1" * 24,
    "a signed token": ".".join(("eyJ" + "a" * 20, "eyJ" + "b" * 20, "c" * 30)),
}


def find_secrets(content: bytes) -> Iterator[str]:
    """What of these a file holds, and in which line."""
    for what, form in COMPILED.items():
        for match in form.finditer(content):
            yield f"{content.count(10, 0, match.start()) + 1}: {what}"


def test_no_file_holds_a_secret(root: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout
    paths = [root / name for name in listed.decode().split("\0") if name and (root / name).is_file()]
    assert len(paths) > 1000
    found = [f"{path.relative_to(root)}:{one}" for path in paths for one in find_secrets(path.read_bytes())]
    assert found == []


@pytest.mark.parametrize("what", FORMS)
def test_a_secret_of_each_form_is_found(what: str) -> None:
    assert list(find_secrets(f"first\nkey = '{SECRETS[what]}'\n".encode())) == [f"2: {what}"]
