"""What schemathesis is taught of this API."""

import schemathesis

# A schema cannot say what is stored: which names are taken, which properties are defined and how.
STORED = {
    "errors.duplicateValue",
    "errors.invalidData",
    "errors.property.stringmaxlen",
    "errors.property.stringregex",
    "errors.propertyUniquenessViolated",
}


@schemathesis.check
def only_what_is_stored_refuses_a_valid_request(ctx, response, case):
    """422 is an expected answer to valid data, see schemathesis.toml: but for these reasons alone."""
    if case.meta and case.meta.generation.mode.is_positive and response.status_code == 422:
        codes = {error["code"] for error in response.json()["errors"]}
        assert codes <= STORED, f"a valid request is refused: {codes}"
