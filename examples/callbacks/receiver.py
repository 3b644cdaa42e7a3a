"""Receives callbacks and trusts only signed, recent ones. Start: CALLBACK_SECRET=whsec_… python3 receiver.py"""

import base64
import hashlib
import hmac
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

# Of the two signatures, those whose key is given are checked.
CALLBACK_SECRET = os.environ.get("CALLBACK_SECRET", "")
AUTH_TOKEN = os.environ.get("AUTH_TOKEN", "")
if not CALLBACK_SECRET and not AUTH_TOKEN:
    raise SystemExit("Set CALLBACK_SECRET")
PORT = int(os.environ.get("PORT", "8080"))
LIMIT = 64 * 1024
TOLERANCE_SECONDS = 5 * 60

# Processed callbacks. Store yours in your database, in the same transaction as the work.
seen = set()


def is_recent_and_genuine(content, headers):
    """webhook-signature: HMAC-SHA256 of id, time, and the body or, by GET, the query. Of several, one must match."""
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(CALLBACK_SECRET.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id', '')}.{timestamp}.".encode() + content
    expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(one, expected) for one in given)


def is_genuine(url, form, signature):
    """X-Twilio-Signature: HMAC-SHA1 of the URL as called, and the form's names and values, sorted by name."""
    signed = url + "".join(name + value for name, value in sorted(form))
    digest = hmac.new(AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    return hmac.compare_digest(base64.b64encode(digest), signature.encode())


class Receiver(BaseHTTPRequestHandler):
    def receive(self):
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LIMIT:
            return self.answer(413)
        body = self.rfile.read(int(length))

        # With GET the parameters are in the query.
        query = self.path.partition("?")[2].encode()
        content = query if self.command == "GET" else body
        form = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
        signature = self.headers.get("X-Twilio-Signature", "")
        if (CALLBACK_SECRET and not is_recent_and_genuine(content, self.headers)) or (
            AUTH_TOKEN and not is_genuine(base + self.path, form, signature)
        ):
            print("refused: wrong signature, or too old", flush=True)
            return self.answer(403)

        parameters = dict(parse_qsl(content.decode(), keep_blank_values=True))
        # The same in every attempt, and part of what is signed.
        sid = self.headers.get("webhook-id")
        if parameters.get("Test") == "true":
            print("test", flush=True)
        elif sid not in seen:
            seen.add(sid)
            print(parameters.get("Status"), parameters.get("ESimProfileSid"), flush=True)
        return self.answer(204)

    do_GET = do_POST = receive

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", PORT), Receiver)
base = os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{server.server_port}"
print(f"listening; CallbackUrl: {base}/status", flush=True)
server.serve_forever()
