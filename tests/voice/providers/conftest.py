"""Twilio and Vapi as servers of the test's own; and any provider, a storage with TLS and the internet between them."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.loopback_internet import PUBLIC, STORAGE, Site, World
from tests.twilio_api import TwilioApi
from tests.vapi_api import VapiApi
from voice.providers.twilio import Twilio


@pytest.fixture
def twilio_api():
    api = TwilioApi()
    api.start()
    yield api
    api.stop()


@pytest.fixture
def twilio(twilio_api):
    """An account there, which is asked again without a pause."""
    return Twilio(
        public_base_url="https://crm.example.com",
        account_sid="AC" + "1".zfill(32),
        auth_tokens=["token"],
        from_number="+14155550100",
        base_url=twilio_api.url,
        timeout_s=0.5,
        waits_s=(0, 0, 0),
    )


@pytest.fixture
def vapi_api():
    api = VapiApi()
    yield api
    api.close()


@pytest.fixture
def home():
    """The provider, at an address that the operator configured."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate of the storage host, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, STORAGE)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(STORAGE)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "storage.pem"
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(pem, pkcs8, plain) + made.public_bytes(pem))
    return path


@pytest.fixture
def storage(certificate):
    """A host of the open internet, with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    site = Site(context)
    yield site
    site.close()


@pytest.fixture
def world(certificate, storage):
    return World(certificate, storage, {STORAGE: [PUBLIC]})
