"""Receives callbacks and trusts only signed ones. Start: AUTH_TOKEN=… python3 receiver.py"""

import base64
import hashlib
import hmac
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

AUTH_TOKEN = os.environ["AUTH_TOKEN"]
PORT = int(os.environ.get("PORT", "8080"))
LIMIT = 64 * 1024

# Processed callbacks. Store yours in your database, in the same transaction as the work.
seen = set()


def is_genuine(url, form, signature):
    """HMAC-SHA1 of the URL as called, followed by the form's names and values, sorted by name."""
    signed = url + "".join(name + value for name, value in sorted(form))
    digest = hmac.new(AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    return hmac.compare_digest(base64.b64encode(digest), signature.encode())


class Receiver(BaseHTTPRequestHandler):
    def receive(self):
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LIMIT:
            return self.answer(413)
        body = self.rfile.read(int(length)).decode(errors="replace")

        # With GET the parameters are in the URL, and only the URL is signed.
        url = base + self.path
        form = parse_qsl(body, keep_blank_values=True)
        if not is_genuine(url, form, self.headers.get("X-Twilio-Signature", "")):
            print("refused: wrong signature", flush=True)
            return self.answer(403)

        query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        parameters = dict(query if self.command == "GET" else form)
        token = self.headers.get("I-Twilio-Idempotency-Token")
        if token not in seen:
            seen.add(token)
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
