"""Contexts from hosts that the operator has named: over TLS from a server of this test; all others are refused."""

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from mastery_graph.credentials.reading import read_value
from mastery_graph.errors import ContextRefused
from mastery_graph.options import Options, set_options

ANSWERS = {
    "/good": (200, json.dumps({"@context": {"label": "http://a.example/label"}})),
    "/other": (200, json.dumps({"@context": ["https://elsewhere.example/context"]})),
    "/large": (200, json.dumps({"@context": {"a": "x" * 1_100_000}})),
    "/odd": (200, "<html>"),
    "/moved": (302, ""),
}


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, text = ANSWERS.get(self.path, (404, ""))
        self.send_response(status)
        self.send_header("Location", "https://evil.example/")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server on loopback with a certificate of its own: its host with the port, and the certificate."""
    folder = tmp_path_factory.mktemp("server")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    text = certificate.public_bytes(Encoding.PEM)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + text)
    trusted = folder / "trusted.pem"
    trusted.write_bytes(text)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    security = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    security.load_cert_chain(file)
    server.socket = security.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"localhost:{server.server_port}", trusted
    server.shutdown()
    server.server_close()


def _read(name: str) -> int:
    return len(read_value({"@context": name, "@id": "http://a.example/1", "label": "L"}).triples)


def test_a_context_of_a_named_host_is_fetched(served: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(served[1]))
    set_options(Options(context_hosts=("other.example", served[0])))
    assert _read(f"https://{served[0]}/good") == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/other", "elsewhere.example"),
        ("/large", "bytes"),
        ("/odd", "no JSON-LD context"),
        ("/moved", "302"),
        ("/missing", "404"),
    ],
)
def test_a_context_that_is_none_is_refused(
    served: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, path: str, words: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(served[1]))
    set_options(Options(context_hosts=(served[0],)))
    with pytest.raises(ContextRefused, match=words):
        _read(f"https://{served[0]}{path}")


def test_a_server_that_cannot_prove_its_name_is_refused(
    served: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    set_options(Options(context_hosts=(served[0],)))
    with pytest.raises(ContextRefused, match="ConnectError"):
        _read(f"https://{served[0]}/unproved")


@pytest.mark.parametrize(
    ("name", "hosts", "words"),
    [
        ("https://a.example/context", "", "unknown context"),
        ("https://a.example/context", "b.example", "not among"),
        ("https://a.example:8443/context", "a.example", "not among"),
        ("https://b.example@a.example/context", "b.example", "not among"),
        ("http://a.example/context", "a.example", "not https"),
        ("file:///etc/passwd", "a.example", "not among"),
        ("http://a.example:x/", "a.example", "no address"),
        ("https://no-such-host.invalid/", "no-such-host.invalid", "not found"),
    ],
)
def test_anything_else_is_refused_before_a_request(name: str, hosts: str, words: str) -> None:
    set_options(Options(context_hosts=tuple(filter(None, hosts.split(",")))))
    with pytest.raises(ContextRefused, match=words):
        _read(name)


def test_a_name_that_leads_into_the_own_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    set_options(Options(context_hosts=("internal.example",)))
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.7", 443))]
    )
    with pytest.raises(ContextRefused, match="private address"):
        _read("https://internal.example/context")
