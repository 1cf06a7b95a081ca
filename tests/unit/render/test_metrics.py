"""What the scraper is told follows from the catalog: jobs, networks, walls, credentials, rules."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from garrison.catalog.catalog import Catalog, Edge, Network
from garrison.catalog.images import plan_images
from garrison.catalog.loader import load_catalog
from garrison.catalog.walls import wall_of
from garrison.render.expectations import render_expectations
from garrison.render.metrics import render_rules, scrape_jobs
from garrison.render.release import render_release
from garrison.render.service_files import render_tree
from garrison.settings import HostSettings

SCRAPED = ("api", "door", "meter", "model")
# What of the door's configuration says whether it counts.
COUNTING = ("nginx/counted.conf", "nginx/nginx.conf", "nginx/routes.conf")


@pytest.fixture(scope="module")
def watched(stack: Path, fixtures: Path) -> Catalog:
    return load_catalog([stack, fixtures / "catalogs" / "watched"])


def test_what_the_scraper_reads_and_what_counts_for_it_are_the_golden_tree(
    watched: Catalog, settings: HostSettings, stack: Path, golden: Callable[[str, Mapping[str, bytes]], None]
) -> None:
    release = render_release(watched, settings, plan_images(watched, settings, services=stack, lock={}))
    tree = release.config_trees["watcher"]
    door = release.config_trees["door"].files
    counting = {path: door[path].content for path in COUNTING}
    golden("watched", {**{path: file.content for path, file in tree.files.items()}, **counting})


def test_each_service_with_metrics_is_a_job_and_no_other(watched: Catalog) -> None:
    assert [job.name for job in scrape_jobs(watched)] == sorted([*SCRAPED, "watcher"])


def test_a_job_asks_at_the_port_and_path_of_the_metrics(watched: Catalog) -> None:
    jobs = {job.name: (job.target, job.path) for job in scrape_jobs(watched)}
    assert jobs["model"] == ("model:9090", "/metrics")
    assert jobs["meter"] == ("meter:9100", "/metrics/all")


def test_the_scraper_asks_itself_on_its_own_loopback(watched: Catalog) -> None:
    (own,) = [job for job in scrape_jobs(watched) if job.name == "watcher"]
    assert own.target == "127.0.0.1:9090"
    assert Edge(consumer="watcher", provider="watcher") not in watched.edges()


def test_a_key_is_sent_only_where_the_metrics_ask_for_one(watched: Catalog) -> None:
    keys = {job.name: job.key_secret for job in scrape_jobs(watched)}
    assert {name: key for name, key in keys.items() if key} == {"meter": "meter_key"}
    assert watched.secrets_of("watcher") == ("meter_key",)
    assert "watcher" in watched.holders_of("meter")


def test_each_scrape_has_a_network_of_its_own(watched: Catalog) -> None:
    found = [network for network in watched.networks() if "watcher" in network.members]
    assert found == [Network(name=f"garrison-watcher--{one}", members=("watcher", one)) for one in SCRAPED]


def test_the_wall_of_the_scraper_leads_to_the_metrics_and_to_no_other_port(watched: Catalog) -> None:
    assert wall_of(watched, "watcher").split() == [
        "garrison-watcher--api=tcp/8091",
        "garrison-watcher--door=tcp/9113",
        "garrison-watcher--meter=tcp/9100",
        "garrison-watcher--model=tcp/9090",
    ]


def test_nobody_but_the_scraper_may_ask_the_door_for_its_metrics(watched: Catalog) -> None:
    found = {name for name in watched.services if "9113" in wall_of(watched, name)}
    assert found == {"watcher"}


def test_a_door_that_nobody_scrapes_counts_nothing_and_listens_for_nobody(
    catalog: Catalog, settings: HostSettings, stack: Path
) -> None:
    release = render_release(catalog, settings, plan_images(catalog, settings, services=stack, lock={}))
    text = b"".join(release.config_trees["door"].files[path].content for path in COUNTING)
    assert [word for word in (b'require("counts")', b"counted_route", b"9113") if word in text] == []


def test_who_is_scraped_may_begin_nothing_for_it(watched: Catalog) -> None:
    assert "garrison-watcher--model" in wall_of(watched, "model").split()


def test_a_need_opens_all_ports_whoever_scrapes(watched: Catalog) -> None:
    assert watched.ports(Edge(consumer="api", provider="model")) == {8080, 9090}
    assert watched.ports(Edge(consumer="watcher", provider="model")) == {9090}


def test_what_is_expected_of_the_pair_is_that_port(watched: Catalog) -> None:
    pairs = yaml.safe_load(render_expectations(watched, []))["pairs"]
    ports = {(each["from"], each["to"]): each["ports"] for each in pairs}
    assert ports["watcher", "model"] == [9090]
    assert ports["store", "model"] == [8080, 9090]


def test_nobody_waits_for_a_scrape_and_it_makes_no_circle(watched: Catalog) -> None:
    api = watched.services["api"].model_copy(update={"needs": ("store", "model", "watcher")})
    circular = Catalog(services={**watched.services, "api": api}, sources=watched.sources)
    assert circular.order().index("watcher") < circular.order().index("api")
    assert {network.name for network in circular.networks()} >= {
        "garrison-api--watcher",
        "garrison-watcher--api",
    }


def test_without_a_scraper_metrics_have_no_network(catalog: Catalog) -> None:
    assert catalog.edges() == catalog.dependencies()


def test_the_hosts_metrics_are_mounted_for_reading(
    watched: Catalog, settings: HostSettings, stack: Path
) -> None:
    release = render_release(watched, settings, plan_images(watched, settings, services=stack, lock={}))
    (mount,) = release.services["meter"].spec["volumes"]
    assert (mount["source"], mount["target"], mount["read_only"]) == (
        "/var/lib/garrison/metrics",
        "/host/metrics",
        True,
    )


def test_each_alert_names_its_runbook_and_each_group_its_service(watched: Catalog) -> None:
    _, group = yaml.safe_load(render_rules(watched))["groups"]
    assert group["name"] == "watcher/targets"
    assert group["rules"][1]["annotations"]["runbook"] == "docs/runbooks/TargetDown.md"
    assert "annotations" not in group["rules"][0]


def test_a_runbook_is_a_link_where_the_inventory_says_where_they_are_read(watched: Catalog) -> None:
    _, group = yaml.safe_load(render_rules(watched, "https://git.example.net/garrison/main/"))["groups"]
    said = group["rules"][1]["annotations"]["runbook"]
    assert said == "https://git.example.net/garrison/main/docs/runbooks/TargetDown.md"


def test_it_is_the_inventory_that_prometheus_is_given(watched: Catalog) -> None:
    said = {"server_names": ["lab.test"], "alerts": {"runbooks": "https://git.example.net/garrison/main/"}}
    tree = render_tree(watched, watched.services["watcher"], HostSettings.from_data("host", said))
    assert (
        b"https://git.example.net/garrison/main/docs/runbooks/TargetDown.md"
        in tree.files["watched.yml"].content
    )
