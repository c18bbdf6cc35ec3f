"""The list of contacts as a threaded server of Python's standard library would serve it, over the same SQLite file: the
stack that programs of this kind often stand on. Reference of `bench predecessor`; never part of the product.
predecessor.py DATABASE PORT"""
import html
import sqlite3
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LIST = """SELECT c.id, c.name, c.title, c.kind, o.name, u.name, t.last_at, t.communications,
 (SELECT email FROM contact_emails e WHERE e.contact_id = c.id AND e.deleted_at IS NULL ORDER BY position LIMIT 1)
 FROM contacts c LEFT JOIN organizations o ON o.id = c.organization_id LEFT JOIN users u ON u.id = c.owner_id
 LEFT JOIN touches t ON t.resource = 'contacts' AND t.resource_id = c.id
 WHERE c.deleted_at IS NULL ORDER BY c.name COLLATE NOCASE, c.id LIMIT 50"""
HEAD = "<!doctype html><html lang=en><meta charset=utf-8><title>Contacts</title><body><h1>Contacts</h1><table>"
local = threading.local()


def database():
    if not hasattr(local, "db"):
        local.db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    return local.db


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        db = database()
        user = db.execute("SELECT name FROM users WHERE id = 1 AND is_active = 1").fetchone()
        waiting = db.execute("SELECT count(*) FROM (SELECT 1 FROM proposals WHERE state = 'pending' LIMIT 1001)").fetchone()
        rows = "".join(
            "<tr><th><a href='/contacts/%d'>%s</a></th>%s</tr>"
            % (row[0], html.escape(row[1]), "".join(f"<td>{html.escape(str(cell or ''))}</td>" for cell in row[2:]))
            for row in db.execute(LIST)
        )
        body = f"{HEAD}<p>{html.escape(user[0])}, {waiting[0]} waiting</p>{rows}</table></body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # the load generator hangs up when its time is over


Server(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
