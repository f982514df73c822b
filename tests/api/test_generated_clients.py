"""Clients that are generated from the OpenAPI document: their answers and problems have types."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI

from mastery_api.application import build_application
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.registry import QUESTIONS
from mastery_graph.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "api" / "web" / "node_modules" / ".bin"
ANSWERED = [question for question in QUESTIONS.values() if issubclass(question.answer_type, Answer)]
SCRIPT = """
import type { paths } from "./client";

type Responses = paths["/v1/recognition"]["post"]["responses"];
type Recognition = Responses["200"]["content"]["application/json"];
type Problem = Responses["404"]["content"]["application/problem+json"];

export function isOpen(answer: Recognition): boolean {
  const isUnknown = answer.criteria.some((criterion) => criterion.outcome === "unknown");
  return isUnknown || answer.verdict === "insufficient-information";
}

export function isUnknownCountry(problem: Problem): boolean {
  return problem.type === "https://w3id.org/mastery-graph/problem/unknown-country";
}
"""


@pytest.fixture(scope="module")
def document(built: tuple[Path, BuildReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the OpenAPI document."""
    app: FastAPI = build_application(Settings(store=built[0]))
    file = tmp_path_factory.mktemp("openapi") / "openapi.json"
    file.write_text(json.dumps(app.openapi()), encoding="utf-8")
    return file


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.skipif(
    not ((TOOLS / "openapi-typescript").exists() and (TOOLS / "tsc").exists()),
    reason="openapi-typescript and typescript are not installed: `npm ci` in api/web",
)
def test_a_typescript_client_has_typed_answers_and_problems(document: Path, tmp_path: Path) -> None:
    made = run(TOOLS / "openapi-typescript", document, "-o", tmp_path / "client.ts", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    check = [TOOLS / "tsc", "--noEmit", "--strict", "--skipLibCheck", "use.ts"]
    (tmp_path / "use.ts").write_text(SCRIPT, encoding="utf-8")
    compiled = run(*check, folder=tmp_path)
    assert compiled.returncode == 0, compiled.stdout
    for right, wrong in (("insufficient-information", "perhaps"), ("unknown-country", "unknown-planet")):
        (tmp_path / "use.ts").write_text(SCRIPT.replace(right, wrong), encoding="utf-8")
        assert wrong in run(*check, folder=tmp_path).stdout


def test_python_models_have_typed_answers_and_problems(document: Path, tmp_path: Path) -> None:
    pytest.importorskip("datamodel_code_generator", reason="datamodel-code-generator is not installed")
    made = run(
        *(sys.executable, "-m", "datamodel_code_generator", "--input", document, "--input-file-type", "openapi"),
        *("--output", tmp_path / "service_models.py", "--output-model-type", "pydantic_v2.BaseModel"),
        *("--target-python-version", "3.11", "--use-annotated"),
        folder=tmp_path,
    )
    assert made.returncode == 0, made.stderr
    names = [name for question in ANSWERED for name in (question.answer_type.__name__, question.verdicts.__name__)]
    check = (
        "import json, pathlib, sys, service_models\n"
        "folder, problem = pathlib.Path(sys.argv[1]), sys.argv[2]\n"
        "for name in sys.argv[3:]: getattr(service_models, name)\n"
        "example = json.loads((folder / 'post_recognition.json').read_text())['application/json']\n"
        "answer = service_models.Recognition.model_validate(example)\n"
        "assert isinstance(answer.verdict, service_models.RecognitionVerdict)\n"
        "service_models.Problem.model_validate({'type': problem, 'title': 'Unknown country', 'status': 404})\n"
    )
    examples = ROOT / "api" / "mastery_api" / "openapi" / "examples"
    kind = "https://w3id.org/mastery-graph/problem/unknown-country"
    read = run(sys.executable, "-c", check, examples, kind, *names, folder=tmp_path)
    assert read.returncode == 0, read.stderr
    wrong = run(sys.executable, "-c", check, examples, f"{kind}-of-mine", *names, folder=tmp_path)
    assert "ValidationError" in wrong.stderr
