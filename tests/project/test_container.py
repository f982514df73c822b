"""The image: its recipe is clean, and what it promises of the way in which it runs holds for the service.

No engine builds the image here. The service itself runs as it would in it, in a sandbox of bubblewrap: another user, no
capability, everything read-only but the folder of the volume.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx

from mastery_graph.pipeline.build import BuildReport
from mastery_graph.tokens import digest
from tests.store import servers

ROOT = Path(__file__).resolve().parents[2]
RECIPE = (ROOT / "Containerfile").read_text(encoding="utf-8")
LAST_STAGE = RECIPE[RECIPE.rindex("\nFROM ") :]
SANDBOX = [
    *(
        "bwrap",
        "--die-with-parent",
        "--unshare-pid",
        "--unshare-user",
        "--uid",
        "10001",
        "--gid",
        "10001",
        "--cap-drop",
        "ALL",
    ),
    *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--setenv", "TMPDIR", "/dev/shm"),  # noqa: S108
]


def test_the_recipe_of_the_image_is_clean() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), ROOT / "Containerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout) == (0, "")


def test_the_image_runs_without_rights_and_says_whether_it_is_well() -> None:
    assert LAST_STAGE.split()[1] == "python:3.11-slim"
    assert re.findall(r"^USER (.+)$", LAST_STAGE, re.MULTILINE) == ["10001:10001"]
    assert "/health/ready" in LAST_STAGE.partition("HEALTHCHECK")[2]
    assert not re.search(r"TOKEN|PASSWORD|SECRET|^ARG|^ADD", RECIPE, re.MULTILINE)
    copied = re.findall(r"^COPY (.+)$", LAST_STAGE, re.MULTILINE)
    assert copied == ["--from=software /opt/mastery-graph /opt/mastery-graph"]
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in left_out
    assert all((ROOT / line[1:]).exists() for line in left_out if line.startswith("!"))


def test_the_service_runs_where_nothing_but_its_volume_can_be_written(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    servers.require("bwrap", "bubblewrap")
    volume = tmp_path / "volume"
    shutil.copytree(built[0], volume / "store")
    sandbox = [*SANDBOX, "--bind", str(volume), str(volume)]
    beside = tmp_path / "beside"
    refused = subprocess.run([*sandbox, "touch", str(beside)], capture_output=True, text=True, check=False)
    assert (refused.returncode, "Read-only" in refused.stderr) == (1, True)
    with servers.mastery_graph(volume / "store", within=sandbox, tokens=digest("secret"), metrics="true") as serving:
        ask = httpx.Client(base_url=serving.address, timeout=60)
        answer = ask.get("/v1/equivalence/levels?level=EQF%205")
        assert ask.get(f"/v1/answers/{answer.json()['id']}").is_success
        assert ask.get("/", headers={"Accept": "text/html"}).is_success
        assert ask.get("/v1/concepts?q=waste").json()
        assert ask.get("/metrics").is_success
        update = {"update": "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> } }"}
        assert ask.post("/sparql", data=update, headers={"Authorization": "Bearer secret"}).status_code == 204
        assert ask.get("/sparql", params={"query": "ASK { <urn:a> <urn:b> <urn:c> }"}).json()["boolean"]
        check = re.search(r"HEALTHCHECK.*?CMD (\[.*?\])\n", LAST_STAGE, re.DOTALL)
        assert check
        _, *arguments = json.loads(check[1].replace("http://127.0.0.1:8000", serving.address))
        assert subprocess.run([*sandbox, sys.executable, *arguments], check=False).returncode == 0
    assert (
        subprocess.run([*sandbox, sys.executable, *arguments], stderr=subprocess.DEVNULL, check=False).returncode == 1
    )
