#!/usr/bin/env python3
"""Prints the outputs of an environment's stack as `Name=value`: outputs.py ENVIRONMENT

`Issuers` are the issuers of access tokens, separated by spaces. They are in no output of the stack.
"""

import json
import sys
import tomllib

import boto3


def describe(environment):
    with open("samconfig.toml", "rb") as file:
        stack = tomllib.load(file)[environment]["global"]["parameters"]["stack_name"]
    [description] = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return description


def issuers(description):
    values = {entry["ParameterKey"]: entry.get("ParameterValue") for entry in description["Parameters"]}
    several = values.get("BearerIssuers") or "[]"
    return [entry["issuer"] for entry in json.loads(several)] or [values["BearerIssuer"]]


if __name__ == "__main__":
    stack = describe(sys.argv[1])
    for output in stack["Outputs"]:
        print(f"{output['OutputKey']}={output['OutputValue']}")
    print(f"Issuers={' '.join(issuers(stack))}")
