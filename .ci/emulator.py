#!/usr/bin/env python3
"""The emulator of the rehearsal, with what the rehearsal needs of Lambda and CloudFormation.

Each event is delivered to its function only once. The emulator starts a process per call and returns the same event
again for every request for the next event. A function requests the next event as soon as it has responded. If it is
fast enough, its response to the second delivery, such as that a client already exists, replaces the first one. AWS
Lambda does not do this.

The deployment groups of CodeDeploy and the alarms are created as names, so that a gradual deployment can be switched
on. No alarm is ever raised, and an alias is at its new version at once.
"""

import http.server
import threading

import ministack.app
from ministack.services.cloudformation import provisioners

NAMES = (
    "AWS::CloudWatch::Alarm",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Logs::MetricFilter",
)


def once(cls, **_):
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


def create(logical_id, _properties, stack):
    name = f"{stack}-{logical_id}"
    return name, {"Arn": name}


http.server.BaseHTTPRequestHandler.__init_subclass__ = classmethod(once)
provisioners._RESOURCE_HANDLERS.update({kind: {"create": create} for kind in NAMES})
ministack.app.main()
