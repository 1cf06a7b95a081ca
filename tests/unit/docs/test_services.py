"""docs/services.md says what the catalog says, and is what the catalog makes now."""

from pathlib import Path, PurePosixPath

import pytest

from garrison.catalog.catalog import Catalog
from garrison.docs.__main__ import main, render
from garrison.docs.readme import include_readme
from garrison.docs.services import COMMAND, render_services

README = """# A service

See [the manual](../../docs/operating.md), [a file](service.yaml#L1), [below](#routes), [far](https://example.org/x).

## Routes

```sh
# no heading
cat [x](y)
```
##### Deep
"""


@pytest.fixture(scope="module")
def page(catalog: Catalog) -> str:
    return render_services(catalog)


@pytest.mark.parametrize(
    "path", ["docs/alerts.md", "docs/services.md", "docs/services.svg", "docs/controls.md"]
)
def test_what_is_committed_is_what_the_repository_makes_now(path: str, root: Path) -> None:
    made = render(root)[PurePosixPath(path)]
    assert made == (root / path).read_text(encoding="utf-8"), f"{path} is not up to date; run `{COMMAND}`"


def test_the_command_writes_all(tmp_path: Path, stack: Path, root: Path) -> None:
    (tmp_path / "services").symlink_to(stack)
    (tmp_path / "controls").symlink_to(root / "controls")
    (tmp_path / "docs").mkdir()
    main(tmp_path)
    assert sorted(path.name for path in (tmp_path / "docs").iterdir()) == [
        "alerts.md",
        "controls.md",
        "services.md",
        "services.svg",
    ]


def test_the_makefile_has_the_command_that_the_page_names(root: Path) -> None:
    assert f"\n{COMMAND.removeprefix('make ')}:" in (root / "Makefile").read_text(encoding="utf-8")


def test_every_service_has_a_section_and_a_row_in_both_tables(catalog: Catalog, page: str) -> None:
    for name in catalog.services:
        assert f"\n## {name}\n" in page
        assert page.count(f"\n| [{name}](#{name}) |") == 2


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("store", "| 5432 sql | nowhere | 999 | `pg_isready`, 90 s |"),
        ("model", "| 8080 http<br>9090 stats | door `/model/`<br>loopback `127.0.0.1:18080` | 10001 |"),
        ("door", "every address: 8443 (TLS), 8088 (redirects)"),
        (
            "jobs",
            "| [store](#store) | `garrison-jobs--store` | `store_jobs_password` | none | 256M, 1 CPU, 64 pids |",
        ),
        ("store", "- Needed by api, jobs."),
        ("fetch", "- **May leave the host**: It downloads the pages that people ask for."),
        ("fetch", "- **Its root file system is writable**: Its browser writes beside its program."),
        ("jobs", "- Runs with the profiles extra."),
        ("model", "- Vectors: example/tiny-v1, 8 numbers; who needs it refuses others."),
        ("model", "- Metrics: `/metrics` on port 9090."),
    ],
)
def test_facts_come_from_the_catalog(service: str, said: str, page: str) -> None:
    assert said in page, service


def test_a_readme_becomes_a_part_without_its_title() -> None:
    text = include_readme(README, folder=PurePosixPath("services/a"), page=PurePosixPath("docs/s.md"), down=1)
    assert "A service" not in text
    assert "\n### Routes\n" in text
    assert "\n###### Deep\n" in text


def test_a_readmes_links_still_lead_where_they_led() -> None:
    text = include_readme(README, folder=PurePosixPath("services/a"), page=PurePosixPath("docs/s.md"), down=1)
    first = "See [the manual](operating.md), [a file](../services/a/service.yaml#L1), [below](#routes), [far](https://"
    assert text.startswith(first)


def test_what_stands_in_a_fence_stays_as_it_is() -> None:
    text = include_readme(README, folder=PurePosixPath("services/a"), page=PurePosixPath("docs/s.md"), down=1)
    assert "```sh\n# no heading\ncat [x](y)\n```" in text
