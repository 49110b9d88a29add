#!/usr/bin/env python3
"""Refuses the placeholders of this repository in the parameters of a deployment:

    placeholders.py [PARAMETER=VALUE | file://FILE]...

A later value of a parameter replaces an earlier one, as in `sam deploy`.
"""

import re
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse

# Reserved names such as `example.com` and `id.example`, names such as `eu-central-1_EXAMPLE`, and the account
# of AWS's documentation. With the key set of an address that does not exist, every token is answered with 503.
PLACEHOLDER = re.compile(r"example|\b111122223333\b", re.IGNORECASE)


def parameters(arguments):
    values = {}
    for argument in arguments:
        if argument.startswith("file://"):
            values |= yaml_parse(Path(argument.removeprefix("file://")).read_text(encoding="utf-8")) or {}
        else:
            name, _, value = argument.partition("=")
            values[name] = value
    return values


def placeholders(values):
    """Returns the names of the parameters with a placeholder. Their values may be secret."""
    return [name for name, value in values.items() if PLACEHOLDER.search(str(value))]


if __name__ == "__main__":
    found = placeholders(parameters(sys.argv[1:]))
    if found:
        sys.exit(
            f"nothing was deployed: {', '.join(found)} still {'has' if len(found) == 1 else 'have'} the placeholder"
            " of the repository (example, 111122223333). Set your own values; see docs/deployment.md, step 3"
        )
