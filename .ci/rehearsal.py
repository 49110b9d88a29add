#!/usr/bin/env python3
"""Helpers of .ci/rehearse that `sam` does not provide.

    rehearsal.py parameters NAME=VALUE... <ENVIRONMENT   print the template's parameters as JSON
    rehearsal.py gateway API                             complete the API and print its base address
"""

import json
import os
import sys

import boto3
from samcli.yamlhelper import yaml_parse

ANY = "x-amazon-apigateway-any-method"


def template():
    with open("template.yaml", encoding="utf-8") as file:
        return yaml_parse(file.read())


def parameters(*overrides):
    """Prints the template's parameters that produce the functions' variables."""
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    names = {name: value["Ref"] for name, value in variables.items() if "Ref" in value}
    values = dict(override.split("=", 1) for override in overrides)
    for line in sys.stdin.read().splitlines():
        name, value = line.split("=", 1)
        if names.get(name) in template()["Parameters"]:
            values[names[name]] = value
    print(json.dumps(values))


def gateway(api):
    """Adds the gateway's own responses from the template to the API.

    The emulator does not import `ANY` methods, and imports only the type of a mock integration.
    """
    client = boto3.client("apigateway")
    resources = {
        resource["path"]: resource["id"]
        for page in client.get_paginator("get_resources").paginate(restApiId=api)
        for resource in page["items"]
    }
    paths = template()["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"]
    for path, item in paths.items():
        method = {"restApiId": api, "resourceId": resources[path], "httpMethod": "ANY"}
        integration = item[ANY]["x-amazon-apigateway-integration"]
        client.put_method(**method, authorizationType="NONE")
        client.put_integration(
            **method,
            type=integration["type"].upper(),
            requestTemplates=integration["requestTemplates"],
            passthroughBehavior=integration["passthroughBehavior"].upper(),
        )
        response = integration["responses"]["default"]
        # The rest depends on a condition of the template.
        fixed = {name: value for name, value in response["responseParameters"].items() if isinstance(value, str)}
        client.put_integration_response(
            **method,
            statusCode=response["statusCode"],
            responseParameters=fixed,
            responseTemplates=response["responseTemplates"],
        )
    [stage] = client.get_stages(restApiId=api)["item"]
    port = os.environ["AWS_ENDPOINT_URL"].rsplit(":", 1)[1]
    print(f"http://{api}.execute-api.localhost:{port}/{stage['stageName']}")


if __name__ == "__main__":
    {function.__name__: function for function in (parameters, gateway)}[sys.argv[1]](*sys.argv[2:])
