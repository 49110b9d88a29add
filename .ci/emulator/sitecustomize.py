"""Makes the emulator of the rehearsal deliver each event to its function only once.

The emulator starts a process per call and returns the same event again for every request for the next
event. A function requests the next event as soon as it has responded. If it is fast enough, its response
to the second delivery, such as that a client already exists, replaces the first one. AWS Lambda does not
do this. Python loads this file in every process that has its folder on PYTHONPATH.
"""

import http.server
import threading


def _once(cls, **_):
    get = cls.__dict__.get("do_GET")
    if cls.__name__ != "RuntimeAPIHandler" or get is None:
        return
    # The class is created for each call.
    delivered = threading.Lock()

    def do_GET(self):
        if "/runtime/invocation/next" in self.path and not delivered.acquire(blocking=False):
            raise ConnectionAbortedError("no further event")
        get(self)

    cls.do_GET = do_GET


http.server.BaseHTTPRequestHandler.__init_subclass__ = classmethod(_once)
