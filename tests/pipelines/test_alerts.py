"""A failed run is told by mail, over TLS, to a real server; the mail holds no error text."""

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipelines.alerts import alert_sensors
from rapport.settings import MailAlerts, Settings


class Mailbox:
    """Keeps what it receives."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(BytesParser().parsebytes(bytes(envelope.content or b"")))
        return "250 kept"


def a_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost that only this test trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Mailbox, MailAlerts]]:
    certificate, secret = a_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    mailbox = Mailbox()

    def authenticated(*_: Any) -> AuthResult:  # noqa: ANN401 - aiosmtpd hands over what it likes
        return AuthResult(success=True)

    port = a_free_port()
    controller = Controller(
        mailbox,
        hostname="localhost",
        port=port,
        tls_context=context,
        authenticator=authenticated,
        require_starttls=True,
    )
    controller.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    yield (
        mailbox,
        MailAlerts(
            sender="rapport@clinic.example.org",
            recipients=("engineer@clinic.example.org",),
            smtp_host="localhost",
            smtp_port=port,
            encryption="STARTTLS",
        ),
    )
    controller.stop()


@dg.op
def breaks() -> None:
    raise OSError("the value SECRET-CANARY-77 could not be read")


@dg.job(executor_def=dg.in_process_executor)
def breaking() -> None:
    breaks()


def test_without_mail_settings_there_is_no_mail_sensor() -> None:
    assert alert_sensors(Settings()) == []


def test_a_failed_run_is_told_by_mail_without_the_errors_words(
    mail_server: tuple[Mailbox, MailAlerts],
) -> None:
    mailbox, settings = mail_server
    (sensor,) = alert_sensors(Settings(mail_alerts=settings))
    with dg.DagsterInstance.ephemeral() as instance:
        failed = breaking.execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor.name,
            dagster_instance=instance,
            dagster_run=failed.dagster_run,
            dagster_event=failed.get_run_failure_event(),
        ).for_run_failure()
        sensor(context)
    (mail,) = mailbox.mails
    assert mail["To"] == "engineer@clinic.example.org"
    assert "breaking run failed" in mail["Subject"]
    text = mail.as_string()
    assert failed.run_id in text
    assert "SECRET-CANARY-77" not in text
