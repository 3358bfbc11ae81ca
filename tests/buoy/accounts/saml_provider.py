"""A SAML provider as a process of its own, on whichever port of this machine is free. It signs with `signxml`, other code
than ours checks with.

Started with the people it knows, as JSON, on its standard input; it prints its address and serves until its input ends.

    {"rita": {"email": "rita@alpha.example"}}

`/metadata` describes it. `/in?SAMLRequest=…&as=rita` answers with the page that posts its word to us; without `as`
it is the first of them. What else a person
has makes that word a wrong one: `audience`, `recipient`, `issuer`, `expired`, `to` (the request inside the assertion),
`asked` (the one around it; empty for none), `format` (of the name), `sign` (false, "otherwise" for another key), `then` (the
address to write in after signing), `wrap` (an unsigned assertion about somebody else before the signed one).
"""

from __future__ import annotations

import base64
import copy
import json
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree

SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
HOST = "localhost"
"""Not the number by which the tests call Buoy: for a browser the two are different sites."""
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="placeholder"/>'


@contextmanager
def running(people: Mapping[str, Any]) -> Iterator[str]:
    """The address of a provider that knows these people."""
    with subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(people) + "\n")
        process.stdin.flush()
        address = process.stdout.readline().strip()
        assert address.startswith("http://"), "the provider did not start; what it says stands above"
        yield address
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def new_key() -> tuple[bytes, bytes]:
    """A private key and a certificate of it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "the provider of the tests")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    form = serialization.Encoding.PEM
    private = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private, made.sign(key, hashes.SHA256()).public_bytes(form)


KEYS = {True: new_key, "otherwise": new_key}
PEOPLE: dict[str, dict[str, Any]] = {}


class Provider(BaseHTTPRequestHandler):
    keys: Mapping[Any, tuple[bytes, bytes]]
    server: HTTPServer

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server.server_port}"

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if asked.path == "/favicon.ico":
            self.reply("image/x-icon", "")
        elif asked.path == "/metadata":
            self.reply("application/xml", self.metadata())
        elif asked.path == "/in":
            request = etree.fromstring(zlib.decompress(base64.b64decode(given["SAMLRequest"]), -15))
            self.reply("text/html", self.page(request, PEOPLE[given.get("as", next(iter(PEOPLE)))]))
        else:
            self.send_error(404)

    def reply(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def metadata(self) -> str:
        certificate = "".join(self.keys[True][1].decode().strip().splitlines()[1:-1])
        return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{self.address}">
<md:IDPSSODescriptor protocolSupportEnumeration="{SAMLP}"><md:KeyDescriptor use="signing">
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>
</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{self.address}/in"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""

    def page(self, request: Any, person: dict[str, Any]) -> str:
        back = request.get("AssertionConsumerServiceURL")
        answer = base64.b64encode(self.answer(request, back, person)).decode()
        return f'<form method="post" action="{back}"><input name="SAMLResponse" value="{answer}"><button>Go on</button></form>'

    def answer(self, request: Any, back: str, person: dict[str, Any]) -> bytes:
        number, asker = request.get("ID"), request.findtext(f"{{{SAML}}}Issuer")
        now = datetime.now(UTC)
        asked = person.get("asked", number)
        root = etree.fromstring(
            f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_r" Version="2.0" IssueInstant="{moment(now)}"'
            f' Destination="{back}"' + (f' InResponseTo="{asked}"' if asked else "") + f"><saml:Issuer>{self.address}"
            '</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            "</samlp:Response>"
        )
        assertion = self.assertion(person, number=number, asker=asker, back=back, now=now)
        if person.get("sign", True):
            assertion = sign(assertion, *self.keys[person.get("sign", True)])
        if "then" in person:
            assertion.find(f".//{{{SAML}}}AttributeValue").text = person["then"]
        if "wrap" in person:
            false = copy.deepcopy(assertion)
            false.set("ID", "_false")
            false.remove(false.find("{http://www.w3.org/2000/09/xmldsig#}Signature"))
            false.find(f".//{{{SAML}}}AttributeValue").text = person["wrap"]
            root.append(false)
        root.append(assertion)
        return bytes(etree.tostring(root))

    def assertion(self, person: dict[str, Any], *, number: str, asker: str, back: str, now: datetime) -> Any:
        until = moment(now + timedelta(minutes=-10 if person.get("expired") else 5))
        to = person.get("to", number)
        return etree.fromstring(
            f'<saml:Assertion xmlns:saml="{SAML}" ID="_a" Version="2.0" IssueInstant="{moment(now)}">'
            f"<saml:Issuer>{person.get('issuer', self.address)}</saml:Issuer>"
            + (SIGNATURE if person.get("sign", True) else "")
            + f'<saml:Subject><saml:NameID Format="{person.get("format", PERSISTENT)}">'
            f"{person.get('name', person['email'])}</saml:NameID>"
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData'
            f' InResponseTo="{to}" NotOnOrAfter="{until}" Recipient="{person.get("recipient", back)}"/>'
            "</saml:SubjectConfirmation></saml:Subject>"
            f'<saml:Conditions NotBefore="{moment(now - timedelta(minutes=30))}" NotOnOrAfter="{until}">'
            f"<saml:AudienceRestriction><saml:Audience>{person.get('audience', asker)}</saml:Audience>"
            "</saml:AudienceRestriction></saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{moment(now)}" SessionIndex="_s"><saml:AuthnContext><saml:AuthnContextClassRef>'
            "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
            "</saml:AuthnStatement><saml:AttributeStatement>"
            f'<saml:Attribute Name="mail"><saml:AttributeValue>{person["email"]}</saml:AttributeValue></saml:Attribute>'
            "</saml:AttributeStatement></saml:Assertion>"
        )


def sign(assertion: Any, key: bytes, certificate: bytes) -> Any:
    from signxml import XMLSigner

    signer = XMLSigner(c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
    return signer.sign(assertion, key=key, cert=certificate.decode(), reference_uri="#_a")


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def main() -> None:
    PEOPLE.update(json.loads(sys.stdin.readline()))
    Provider.keys = {name: make() for name, make in KEYS.items()}
    server = HTTPServer(("127.0.0.1", 0), Provider)
    # Ends with whoever started it.
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    sys.stdout.write(f"http://{HOST}:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
