"""What deploy/ holds fits the program: variables, settings, metrics, views, the image."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy import generate
from harvester.cli.app import COMMANDS
from harvester.config import load
from harvester.config.reading import TOKEN_VARIABLE
from harvester.config.settings import SECTIONS
from harvester.config.sources import OF_FILE
from harvester.daemon.metrics import Metrics
from harvester.store.contract import views
from tests.store.making import YESTERDAY, clicks, countries, made_shop

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
PODS: dict[str, Any] = {
    each["kind"]: each
    for each in yaml.safe_load_all((DEPLOY / "kubernetes/harvester.yaml").read_text())
}
UNIT = (DEPLOY / "systemd/harvester.service").read_text()
IMAGE = (ROOT / "Dockerfile").read_text()
PORT = 9464
IN_COMPOSE: dict[str, str] = COMPOSE["services"]["harvester"]["environment"]
IN_POD: dict[str, str] = {
    each["name"]: each["value"]
    for each in PODS["Deployment"]["spec"]["template"]["spec"]["containers"][0]["env"]
}

# Read by others than us: by Python and SQLite.
FOREIGN = {"SQLITE_TMPDIR", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}


def variables() -> set[str]:
    """The environment variables that the program reads."""
    specs = [spec for schema in SECTIONS.values() for spec in fields(schema)]
    named = {spec.metadata["variable"] for spec in specs if spec.metadata["variable"]}
    secret = {spec.metadata["variable"] for spec in specs if spec.metadata["secret"]} & named
    return named | {f"{each}{OF_FILE}" for each in secret | {TOKEN_VARIABLE}} | {TOKEN_VARIABLE}


@pytest.mark.parametrize(
    "set_there",
    [
        pytest.param(IN_COMPOSE, id="compose"),
        pytest.param(IN_POD, id="kubernetes"),
        pytest.param(set(re.findall(r"^Environment=(\w+)", UNIT, re.MULTILINE)), id="systemd"),
        pytest.param(set(re.findall(r"\b((?:HARVESTER|BITLY)_\w+)=", IMAGE)), id="image"),
    ],
)
def test_each_variable_that_is_set_is_read(set_there: set[str]) -> None:
    assert set(set_there) <= variables() | FOREIGN


@pytest.mark.parametrize(
    "toml",
    [
        pytest.param((DEPLOY / "config.toml").read_text(), id="compose"),
        pytest.param(PODS["ConfigMap"]["data"]["config.toml"], id="kubernetes"),
    ],
)
def test_settings_are_such_that_the_daemon_takes_them(tmp_path: Path, toml: str) -> None:
    (tmp_path / "config.toml").write_text(toml)
    (tmp_path / "token").write_text("x")
    (tmp_path / "token").chmod(0o600)
    settings = load(tmp_path / "config.toml", {"BITLY_TOKEN_FILE": str(tmp_path / "token")})
    assert [account.name for account in settings.accounts] == ["default"]
    assert settings.http.port == PORT


@pytest.mark.parametrize("environment", [IN_COMPOSE, IN_POD], ids=["compose", "kubernetes"])
def test_the_pages_are_reached_from_other_containers(environment: dict[str, str]) -> None:
    assert environment["HARVESTER_HTTP_HOST"] == "0.0.0.0"  # noqa: S104 - in a container


def test_compose_gives_no_right_that_is_not_needed_and_no_secret_in_the_open() -> None:
    for name, service in COMPOSE["services"].items():
        assert "privileged" not in service
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        for variable, value in service.get("environment", {}).items():
            if re.search("TOKEN|PASSWORD|DATABASE_URL", variable):
                assert variable.endswith(OF_FILE)
                assert value.startswith("/run/secrets/")
    ours = COMPOSE["services"]["harvester"]
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in ours["security_opt"]
    assert ours.get("command", ["daemon"]) == ["daemon"]
    assert ours["stop_grace_period"] == "20s"


def test_compose_mounts_what_is_there() -> None:
    for service in COMPOSE["services"].values():
        assert set(service.get("secrets", [])) <= COMPOSE["secrets"].keys()
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), source
            else:
                assert source in COMPOSE["volumes"]


def test_kubernetes_runs_one_without_rights_and_looks_after_it() -> None:
    spec = PODS["Deployment"]["spec"]
    pod = spec["template"]["spec"]
    [container] = pod["containers"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"USER {pod['securityContext']['runAsUser']}:" in IMAGE
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["ports"] == [{"name": "http", "containerPort": PORT}]
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    assert {"requests", "limits"} == container["resources"].keys()
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert mounts.keys() == {each["name"] for each in pod["volumes"]}
    for name, value in IN_POD.items():
        assert not name.endswith(OF_FILE) or value.startswith(mounts["secrets"])


def test_the_unit_starts_the_daemon_without_rights_and_reloads_it() -> None:
    assert "daemon" in COMMANDS
    keys = dict(line.split("=", 1) for line in UNIT.splitlines() if "=" in line and line[0] != "#")
    assert keys["ExecStart"] == "/opt/harvester/bin/harvest daemon"
    assert keys["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert (keys["DynamicUser"], keys["ProtectSystem"]) == ("yes", "strict")
    assert keys["CapabilityBoundingSet"] == ""
    assert keys["LoadCredential"] == "token:/etc/harvester/token"


def rules(document: str) -> list[dict[str, Any]]:
    [group] = yaml.safe_load(document)["groups"]
    return list(group["rules"])


def test_prometheus_asks_where_the_daemon_is_and_its_rules_are_those_of_the_documentation() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    [job] = config["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"harvester:{PORT}"]}]
    [file] = config["rule_files"]
    written = (DEPLOY / "prometheus" / file).read_text()
    [documented] = re.findall(
        r"```yaml\n(groups:.*?)```", (ROOT / "docs/operations.md").read_text(), re.DOTALL
    )
    assert rules(written) == rules(documented)


def metrics() -> set[str]:
    """The names of all metrics: those that are counted, and those that the manual has."""
    documented = re.findall(
        r"^\| `(harvester_\w+)` \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE
    )
    counted = {metric.name for metric in Metrics().registry.collect()}
    suffixes = ("", "_total", "_bucket", "_sum", "_count")
    return set(documented) | {f"{name}{suffix}" for name in counted for suffix in suffixes}


def dashboards() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((DEPLOY / "grafana/dashboards").glob("*.json")):
        yield path.stem, json.loads(path.read_text())


def targets(source: str) -> list[Any]:
    """Every query of every panel to a data source, as pytest's parameters."""
    return [
        pytest.param(target.get("expr") or target["rawSql"], id=f"{name}: {panel['title']}")
        for name, board in dashboards()
        for panel in board["panels"]
        for target in panel.get("targets", [])
        if target["datasource"]["uid"] == source
    ]


@pytest.mark.parametrize(
    "expr",
    [
        *targets("prometheus"),
        *(each["expr"] for each in rules((DEPLOY / "prometheus/rules.yml").read_text())),
    ],
)
def test_each_metric_that_is_asked_for_is_one_of_ours(expr: str) -> None:
    asked = set(re.findall(r"harvester_\w+", expr)) - {"harvester"}
    assert asked <= metrics()


def test_dashboards_ask_sources_that_are_provisioned() -> None:
    sources = yaml.safe_load(
        (DEPLOY / "grafana/provisioning/datasources/sources.yaml").read_text()
    )["datasources"]
    known = {(each["type"], each["uid"]) for each in sources}
    for _, board in dashboards():
        for panel in board["panels"]:
            if panel["type"] != "row":
                assert (panel["datasource"]["type"], panel["datasource"]["uid"]) in known
        panels = [panel["id"] for panel in board["panels"]]
        assert len(panels) == len(set(panels))


def as_grafana_sends(sql: str) -> str:
    """A query with Grafana's macros and variables filled in."""
    span = r"\1 BETWEEN '2026-11-01T00:00:00Z' AND '2026-11-30T00:00:00Z'"
    sql = re.sub(r"\$__timeFilter\((\w+(?:\(\w+\))?)\)", span, sql)
    filled = sql.replace("$account", "'shop'").replace("$group", "'Bg1'")
    assert "$" not in filled
    return filled.replace(":", r"\:")  # no parameter


@pytest.mark.postgresql
@pytest.mark.parametrize("template", ["postgresql"], indirect=True)
async def test_each_query_of_the_dashboards_runs_and_finds_what_is_there(
    engine: AsyncEngine,
) -> None:
    shop = await made_shop(engine, ["bit.ly/a", "bit.ly/b"])
    link = shop.ids["bit.ly/a"]
    await shop.record(clicks(link, 7), countries(link, [("DE", 5), (None, 2)]))
    found = {}
    async with engine.connect() as connection:
        for each in targets("harvester"):
            rows = (await connection.execute(text(as_grafana_sends(each.values[0])))).all()
            found[str(each.id)] = [tuple(row) for row in rows]
        for _, board in dashboards():
            for variable in board["templating"]["list"]:
                if variable["datasource"]["uid"] == "harvester":
                    await connection.execute(text(as_grafana_sends(variable["query"])))
    assert found["links: Clicks"] == [(7,)]
    assert found["links: By country"] == [("DE", 5), ("(unknown)", 2)]
    assert [row[2] for row in found["links: Clicks by day"]] == [7]
    assert found["links: Links that were not clicked before"] == [("bit.ly/a", YESTERDAY.day, 7)]


def test_what_other_tools_are_told_of_the_views_is_what_their_sources_say() -> None:
    for path, made in ((generate.DATASETTE, generate.datasette()), (generate.DBT, generate.dbt())):
        assert path.read_text("utf-8") == made, "run: python docs/generate.py"


def test_dbt_knows_each_view_and_column_and_tests_some() -> None:
    [source] = yaml.safe_load(generate.DBT.read_text())["sources"]
    assert {
        table["name"]: [column["name"] for column in table["columns"]] for table in source["tables"]
    } == {view.name: [column.name for column in view.columns] for view in views().values()}
    tests = [c["data_tests"] for t in source["tables"] for c in t["columns"] if "data_tests" in c]
    assert len(tests) > 10


async def test_what_dbt_tests_always_holds(engine: AsyncEngine) -> None:
    shop = await made_shop(engine, ["bit.ly/a", "bit.ly/b"])
    await shop.record(clicks(shop.ids["bit.ly/a"], 7), clicks(shop.ids["bit.ly/b"], 0))
    for view in views().values():
        for column in view.columns:
            for test in generate.checks(view, column):
                wrong = f"{column.name} IS NULL"
                if isinstance(test, dict):
                    allowed = ", ".join(f"'{each}'" for each in test["accepted_values"]["values"])
                    wrong = f"{column.name} NOT IN ({allowed})"
                assert await shop.rows(f"SELECT 1 FROM {view.name} WHERE {wrong}") == []


def test_alerts_wait_longer_than_the_daemon_takes_to_start() -> None:
    [job] = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    [down] = [
        each
        for each in rules((DEPLOY / "prometheus/rules.yml").read_text())
        if each["expr"] == f'up{{job="{job["job_name"]}"}} == 0'
    ]
    assert timedelta(minutes=int(down["for"].removesuffix("m"))) > timedelta(minutes=1)
