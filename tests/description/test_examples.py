"""The description is valid OpenAPI, and its examples match their schemas."""

import json

import pytest
from conftest import ROOT
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

DESCRIPTION = json.loads((ROOT / "openapi.json").read_text())


def contents(value, path=""):
    """Yield every JSON media type of the description, identified by its path."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "application/json" and "schema" in member:
                yield pytest.param(member, id=path)
            else:
                yield from contents(member, f"{path}/{name}" if path else name)


def test_the_description_is_valid_openapi_3_1():
    OpenAPIV31SpecValidator(DESCRIPTION).validate()


def test_the_other_description_is_valid_openapi_3_0():
    OpenAPIV30SpecValidator(json.loads((ROOT / "openapi-3.0.json").read_text())).validate()


@pytest.mark.parametrize("content", list(contents(DESCRIPTION["paths"])))
def test_examples_match_their_schema(content):
    validator = Draft202012Validator({**content["schema"], "components": DESCRIPTION["components"]})
    examples = [example["value"] for example in content.get("examples", {}).values()]
    examples += [content["example"]] if "example" in content else []
    assert examples
    for example in examples:
        validator.validate(example)
