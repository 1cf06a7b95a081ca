"""Who sends spans, where to and how many follows from catalog and inventory; without a collector nothing does."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog, Edge, Network
from garrison.catalog.images import plan_images
from garrison.catalog.loader import load_catalog
from garrison.catalog.overrides import apply_overrides
from garrison.catalog.walls import wall_of
from garrison.problem import ProblemError
from garrison.render.model import Release
from garrison.render.release import render_release
from garrison.render.service_files import render_tree
from garrison.settings import HostSettings

ENDPOINT, RATIO = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER_ARG"
SENDS = Edge(consumer="api", provider="tracer")


@pytest.fixture(scope="module")
def traced(stack: Path, fixtures: Path) -> Catalog:
    return load_catalog([stack, fixtures / "catalogs" / "traced"])


@pytest.fixture(scope="module")
def observed(root: Path) -> Catalog:
    return load_catalog([root / "services"]).select(["core", "observability"])


@pytest.fixture
def render(settings: HostSettings, stack: Path) -> Callable[..., Release]:
    def render(catalog: Catalog, settings: HostSettings = settings) -> Release:
        return render_release(catalog, settings, plan_images(catalog, settings, services=stack, lock={}))

    return render


def told(release: Release, service: str) -> dict[str, str]:
    """The variables of OpenTelemetry that a container is given."""
    given = release.services[service].spec.get("environment") or {}
    return {name: value for name, value in given.items() if name.startswith("OTEL_")}


def changed(catalog: Catalog, name: str, **values: object) -> Catalog:
    service = catalog.services[name].model_copy(update=values)
    return Catalog(services={**catalog.services, name: service}, sources=catalog.sources)


def test_the_configuration_of_jaeger_is_the_golden_file(
    observed: Catalog, settings: HostSettings, golden: Callable[[str, Mapping[str, bytes]], None]
) -> None:
    tree = render_tree(observed, observed.services["jaeger"], settings)
    golden("jaeger", {path: file.content for path, file in tree.files.items()})


def test_each_service_on_the_kit_sends_its_spans_and_no_other(observed: Catalog) -> None:
    assert [one.name for one in observed.traced] == ["aidb", "embeddings", "hybrid-coordinator", "nixos-docs"]


def test_who_sends_is_told_where_to_and_how_many(traced: Catalog, render: Callable[..., Release]) -> None:
    assert told(render(traced), "api") == {ENDPOINT: "http://tracer:4318", RATIO: "1"}
    assert [name for name in traced.services if name != "door" and told(render(traced), name)] == ["api"]


def test_the_share_of_traces_is_the_inventorys(traced: Catalog, render: Callable[..., Release]) -> None:
    few = HostSettings(server_names=("lab.test",), trace_ratio=0.05)
    assert told(render(traced, few), "api")[RATIO] == "0.05"


def test_who_says_where_else_its_spans_go_sends_none_here(
    traced: Catalog, render: Callable[..., Release]
) -> None:
    said = {"api": {ENDPOINT: "http://collector.example.net:4318"}}
    elsewhere = HostSettings(server_names=("lab.test",), service_environment=said)
    catalog = apply_overrides(traced, elsewhere)
    assert told(render(catalog, elsewhere), "api") == said["api"]
    assert catalog.traced == ()
    assert SENDS not in catalog.edges()


def test_without_a_collector_nothing_is_told_and_no_network_is_made(
    catalog: Catalog, render: Callable[..., Release]
) -> None:
    release = render(catalog)
    assert [name for name in release.services if told(release, name)] == []
    assert catalog.traced == ()
    few = HostSettings(server_names=("lab.test",), trace_ratio=0.05)
    assert render(catalog, few).services["api"].config_digest == release.services["api"].config_digest


def test_the_projects_core_knows_nothing_of_spans(root: Path) -> None:
    core = load_catalog([root / "services"]).select(["core"])
    assert core.traced == ()
    assert not [name for name in core.services if ENDPOINT in core.environment_of(name)]


def test_each_pair_has_a_network_of_its_own(traced: Catalog) -> None:
    found = [network for network in traced.networks() if "tracer" in network.members]
    assert found == [Network(name="garrison-api--tracer", members=("api", "tracer"))]


def test_the_wall_leads_to_the_port_for_spans_and_to_no_other(traced: Catalog) -> None:
    assert traced.ports(SENDS) == {4318}
    assert "garrison-api--tracer=tcp/4318" in wall_of(traced, "api").split()
    assert wall_of(traced, "tracer") == "garrison-api--tracer"


def test_a_scrape_of_the_collector_leads_to_its_metrics_alone(observed: Catalog) -> None:
    assert observed.ports(Edge(consumer="prometheus", provider="jaeger")) == {8888}


def test_who_needs_the_collector_reaches_all_its_ports(traced: Catalog) -> None:
    curious = changed(traced, "jobs", needs=(*traced.services["jobs"].needs, "tracer"))
    assert curious.ports(Edge(consumer="jobs", provider="tracer")) == {16686, 4318, 8888}


def test_nobody_waits_for_the_collector(traced: Catalog) -> None:
    assert SENDS in traced.edges()
    assert SENDS not in traced.dependencies()


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan"), True, "0.5", None])
def test_a_share_that_is_none_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(ProblemError) as caught:
        HostSettings.from_data("inventory, host a:", {"server_names": ["a.test"], "trace_ratio": value})
    (problem,) = caught.value.problems
    assert problem.where == "inventory, host a: trace_ratio"
    assert problem.remedy


def test_the_door_hands_the_context_of_its_client_on_as_it_is(release: Release, root: Path) -> None:
    """nginx sends on what nobody takes away, and the first service drops what is no context."""
    rendered = [file.content.decode() for file in release.config_trees["door"].files.values()]
    laid = [path.read_text() for path in (root / "templates/nginx").iterdir()]
    settings = "\n".join([*rendered, *laid])
    assert "proxy_pass http://" in settings
    assert "traceparent" not in settings
    assert "proxy_pass_request_headers" not in settings
