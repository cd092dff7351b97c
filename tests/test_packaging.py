"""What is shipped: locked requirements without addresses, a Dockerfile that keeps its promises."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = sorted((ROOT / "requirements").iterdir())


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project_name(requirement: str) -> str:
    """The name at the start of a requirement, as pip compares names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


def pins(lock: str) -> dict[str, str]:
    """Each requirement of a lock file with what stands behind its name: version, marker, hashes."""
    joined = re.sub(r"\\\n", " ", lock)
    lines = [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]
    return {project_name(line): line for line in lines}


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """The Dockerfile's instructions, comments left out and continued lines joined."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    split = [line.split(maxsplit=1) for line in whole.splitlines() if line.strip()]
    return [(word.upper(), rest) for word, rest in split]


DOCKERFILE = instructions(text("Dockerfile"))


def arguments(word: str) -> list[str]:
    return [rest for name, rest in DOCKERFILE if name == word]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_pins_each_requirement_with_hashes_and_names_no_address(lock: Path) -> None:
    content = lock.read_text()
    assert "://" not in content
    assert not re.search(r"^\s*-(?!-hash=sha256:[0-9a-f]{64}\b)", content, re.MULTILINE)
    for line in pins(content).values():
        assert re.match(r"[\w.-]+==[\w.+!-]+ ", line)
        assert "--hash=sha256:" in line


def test_locks_hold_what_the_project_asks_for() -> None:
    runtime, build, dev = (
        pins(text(f"requirements/{name}.txt")) for name in ("runtime", "build", "dev")
    )
    extras = PROJECT["project"]["optional-dependencies"]
    asked = {project_name(line) for line in PROJECT["project"]["dependencies"] + extras["report"]}
    tools = {project_name(line) for line in extras["dev"]}
    builders = {project_name(line) for line in PROJECT["build-system"]["requires"]}
    assert asked <= runtime.keys()
    assert builders <= build.keys()
    assert tools <= dev.keys()
    assert not runtime.keys() & (builders | tools)
    auditors = {project_name(line) for line in PROJECT["dependency-groups"]["audit"]}
    assert auditors <= pins(text("requirements/audit.txt")).keys()


def test_locks_agree_on_versions() -> None:
    dev = pins(text("requirements/dev.txt"))
    for lock in ("runtime", "build"):
        for name, line in pins(text(f"requirements/{lock}.txt")).items():
            assert dev[name].split()[0] == line.split()[0]


def test_every_target_of_the_makefile_has_its_line_of_help() -> None:
    [phony] = re.findall(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE)
    for target in phony.split():
        assert re.search(rf"^{target}:.* ## \S", text("Makefile"), re.MULTILINE)


def test_dockerfile_has_stages_on_one_image_that_is_pinned_by_its_digest() -> None:
    [image] = arguments("ARG")
    assert re.fullmatch(r"PYTHON_IMAGE=python:3\.1[1-9]-slim@sha256:[0-9a-f]{64}", image)
    stages = arguments("FROM")
    assert stages == ["${PYTHON_IMAGE} AS build", "${PYTHON_IMAGE}"]


def test_dockerfile_runs_without_root_and_keeps_its_data_outside() -> None:
    last = DOCKERFILE[[word for word, _ in DOCKERFILE].index("FROM", 2) :]
    words = [word for word, _ in last]
    assert dict(last)["USER"] == "10001:10001"
    assert words.index("VOLUME") > words.index("RUN"), "what is done later to a volume is lost"
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert dict(last)["VOLUME"] == '["/config", "/data"]'
    assert dict(last)["WORKDIR"] == "/config"
    assert dict(last)["ENTRYPOINT"] == '["harvest"]'
    assert "HARVESTER_DATABASE_URL=sqlite:////data/harvester.db" in dict(last)["ENV"]
    assert not any("pip" in rest for word, rest in last if word == "RUN")


def test_dockerfile_runs_the_daemon_and_asks_it_whether_it_is_alive() -> None:
    [check] = arguments("HEALTHCHECK")
    _, _, command = check.partition(" CMD ")
    assert "127.0.0.1:9464/healthz" in command
    compile(json.loads(command)[2], "the health check", "exec")
    assert arguments("CMD") == ['["daemon"]']


def test_dockerfile_installs_locked_and_checked_requirements_only() -> None:
    steps = [step.split() for run in arguments("RUN") for step in run.split("&&")]
    installs = [step for step in steps if "pip" in step and "install" in step]
    assert installs
    for install in installs:
        assert "--require-hashes" in install or "--no-index" in install
    assert not arguments("ADD")


def test_dockerfile_copies_what_exists_and_what_dockerignore_lets_in() -> None:
    ignored, *let_in = [
        line for line in text(".dockerignore").splitlines() if line and not line.startswith("#")
    ]
    assert ignored == "*"
    for copy in arguments("COPY"):
        if "--from=" in copy:
            continue
        for source in shlex.split(copy)[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in let_in


def test_package_says_under_which_licence_and_from_which_python_on() -> None:
    assert text("LICENSE").startswith("MIT License")
    assert (PROJECT["project"]["license"], PROJECT["project"]["requires-python"]) == (
        "MIT",
        ">=3.11",
    )
    assert "--python-version 3.11" in text("Makefile"), "locked for the oldest Python"
