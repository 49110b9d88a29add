#!/usr/bin/env python3
"""Prints the outputs of an environment's stack as `Name=value`: outputs.py ENVIRONMENT"""

import sys
import tomllib

import boto3


def outputs(environment):
    with open("samconfig.toml", "rb") as file:
        stack = tomllib.load(file)[environment]["global"]["parameters"]["stack_name"]
    [description] = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in description["Outputs"]}


if __name__ == "__main__":
    for name, value in outputs(sys.argv[1]).items():
        print(f"{name}={value}")
