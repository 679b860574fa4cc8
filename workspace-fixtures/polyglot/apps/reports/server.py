"""The tariff of a zone as a table, for the sales people's spreadsheets."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

sys.path.insert(0, str(Path(__file__).parents[2] / "native/extension"))
import extension  # noqa: E402: it lies in the folder that was just added


class Reports(BaseHTTPRequestHandler):
    def do_GET(self):
        address = urlparse(self.path)
        if address.path == "/health":
            return self.answer(200, json.dumps({"process": os.getpid()}))
        query = parse_qs(address.query)
        parcel = {"grams": int(query["grams"][0]), "zone": query["zone"][0]}
        try:
            self.answer(200, extension.quote(json.dumps(parcel)))
        except ValueError as reason:
            self.answer(422, str(reason))

    def answer(self, status, text):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    port = int(os.environ.get("REPORTS_PORT", "4312"))
    try:
        server = HTTPServer(("127.0.0.1", port), Reports)
    except OSError as error:
        sys.exit(f"reports cannot listen on port {port}: {error.strerror}. REPORTS_PORT chooses another one.")
    print(f"reports listening on http://127.0.0.1:{port}", flush=True)
    server.serve_forever()
