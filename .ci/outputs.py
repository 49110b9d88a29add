#!/usr/bin/env python3
"""Prints the outputs of a stack.

    outputs.py ENVIRONMENT      of an environment of samconfig.toml, as `Name=value` for a workflow
    outputs.py --shell STACK    of any stack, as `NAME=value` for a shell

If the stack has issuers of access tokens, `Issuers` are these, separated by spaces. They are in no output of the stack.
"""

import json
import re
import shlex
import sys
import tomllib

import boto3


def name_of(environment):
    with open("samconfig.toml", "rb") as file:
        return tomllib.load(file)[environment]["global"]["parameters"]["stack_name"]


def outputs(description):
    values = {output["OutputKey"]: output["OutputValue"] for output in description["Outputs"]}
    parameters = {entry["ParameterKey"]: entry.get("ParameterValue") for entry in description.get("Parameters", [])}
    if "BearerIssuer" in parameters:
        several = json.loads(parameters.get("BearerIssuers") or "[]")
        values["Issuers"] = " ".join(entry["issuer"] for entry in several) or parameters["BearerIssuer"]
    return values


def for_shell(values):
    """Returns an assignment for each output: `ApiUrl` as `API_URL`."""
    names = {name: re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper() for name in values}
    return [f"{names[name]}={shlex.quote(value)}" for name, value in values.items()]


if __name__ == "__main__":
    is_for_shell = sys.argv[1] == "--shell"
    stack = sys.argv[2] if is_for_shell else name_of(sys.argv[1])
    [found] = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    found = outputs(found)
    print("\n".join(for_shell(found) if is_for_shell else (f"{name}={value}" for name, value in found.items())))
