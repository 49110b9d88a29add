"""Enables all options of a template that are off by default, because checkov does not evaluate conditions.

    python3 .ci/switched_on.py TEMPLATE... FOLDER    write each template as JSON to the folder
"""

import json
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse

OPTIONS = {
    "HasAccessLogs",
    "HasAnyThrottling",
    "HasBackup",
    "HasBudget",
    "HasCaBundle",
    "HasCorsAllowedOrigins",
    "HasDomainName",
    "HasEncryptionKey",
    "HasEventBus",
    "HasGradualDeployment",
    "HasHealthThrottling",
    "HasHttpsProxy",
    "HasNoDefaultEndpoint",
    "HasNoProxy",
    "HasPermissionsBoundary",
    "HasReservedConcurrency",
    "HasThrottling",
    "HasVpc",
    "HasVpcEndpoints",
    "HasWebAcl",
}
# Conditions that are no options: on by default, or the way to something that exists elsewhere.
OTHERS = {
    "HasAlarms",
    "HasAlarmTopic",
    "HasDynamoDbEndpointUrl",
    "HasRestoredTable",
    "HasStream",
    "IgnoresAlarms",
    "NeedsProvider",
}


def is_option(value):
    return isinstance(value, str) and value in OPTIONS


def switched_on(node):
    if isinstance(node, list):
        return [switched_on(value) for value in node]
    if not isinstance(node, dict):
        return node
    if "Fn::If" in node and is_option(node["Fn::If"][0]):
        return switched_on(node["Fn::If"][1])
    # Removes the condition of a resource (that of a policy is not a string), and empty parameter defaults.
    off = {"Condition": is_option, "Default": lambda value: value == ""}
    kept = {name: value for name, value in node.items() if name not in off or not off[name](value)}
    return {name: switched_on(value) for name, value in kept.items()}


if __name__ == "__main__":
    *templates, folder = map(Path, sys.argv[1:])
    for path in templates:
        text = json.dumps(switched_on(yaml_parse(path.read_text())), indent=2)
        folder.joinpath(path.stem + ".json").write_text(text)
