#!/usr/bin/env python3
"""Checks that the functions accept the tokens of deployment/cognito.yaml.

    cognito.py make FOLDER           write the functions' variables, and tokens as the pool issues them
    cognito.py try ADDRESS FOLDER    call the API with each token
"""

import base64
import json
import pathlib
import sys
import time
import urllib.error
import urllib.request

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from samcli.yamlhelper import yaml_parse

ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE"
APPLICATION = "1example23456789"
SUBJECT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
EVERYWHERE = [{"role": "nevisIdm.Root", "clients": ["*"]}]

# The tokens, and the expected status of creating a client with each.
CASES = {
    "over-all-clients": 201,
    "over-own-client": 403,
    "in-no-group": 403,
    "id-token": 401,
    "without-trigger": 401,
}


def trigger(attributes):
    """Returns the claims that the pool's function adds to an access token."""
    with open("deployment/cognito.yaml", encoding="utf-8") as file:
        code = yaml_parse(file.read())["Resources"]["Claims"]["Properties"]["Code"]["ZipFile"]
    module = {}
    exec(compile(code, "deployment/cognito.yaml", "exec"), module)
    event = {
        "version": "2",
        "triggerSource": "TokenGeneration_Authentication",
        "region": "eu-central-1",
        "userPoolId": "eu-central-1_EXAMPLE",
        "userName": "administrator",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown", "clientId": APPLICATION},
        "request": {
            "userAttributes": {"sub": SUBJECT, "cognito:user_status": "CONFIRMED", **attributes},
            "groupConfiguration": {"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": None},
            "scopes": ["aws.cognito.signin.user.admin"],
        },
        "response": {"claimsAndScopeOverrideDetails": None},
    }
    answer = module["handler"](event, None)["response"]["claimsAndScopeOverrideDetails"]
    [(token, details)] = answer.items()
    assert (token, list(details)) == ("accessTokenGeneration", ["claimsToAddOrOverride"]), answer
    return details["claimsToAddOrOverride"]


def encode(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def token(key, use, claims):
    now = int(time.time())
    claims = {
        "sub": SUBJECT,
        "iss": ISSUER,
        "token_use": use,
        "auth_time": now,
        "iat": now,
        "exp": now + 900,
        "jti": "aaaaaaaa-bbbb-cccc-dddd-ffffffffffff",
        **claims,
    }
    # Cognito sets no `typ`.
    parts = [json.dumps(part).encode() for part in ({"kid": "1234example=", "alg": "RS256"}, claims)]
    signed = ".".join(map(encode, parts))
    return f"{signed}.{encode(key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def make(folder):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    numbers = key.public_key().public_numbers()
    jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1234example=", "e": "AQAB"}
    jwk["n"] = encode(numbers.n.to_bytes(256, "big"))
    variables = {
        "BEARER_ISSUER": ISSUER,
        "BEARER_AUDIENCE": APPLICATION,
        "BEARER_JWKS": json.dumps({"keys": [jwk]}, separators=(",", ":")),
        "BEARER_ROLES_CLAIM": "cognito:groups",
        "BEARER_TYP": "at+jwt,",
    }
    folder = pathlib.Path(folder)
    (folder / "variables").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))

    root = {"cognito:groups": ["nevisIdm.Root"]}
    access = {"client_id": APPLICATION, "scope": "aws.cognito.signin.user.admin", "username": "administrator"}
    own = {"custom:clientExtId": "100"}
    everywhere = {**own, "custom:authorizations": json.dumps(EVERYWHERE)}
    tokens = {
        "over-all-clients": token(key, "access", {**access, **trigger(everywhere)}),
        "over-own-client": token(key, "access", {**access, **root, **trigger(own)}),
        "in-no-group": token(key, "access", {**access, **trigger(own)}),
        "id-token": token(key, "id", {"aud": APPLICATION, "cognito:username": "administrator", **root, **everywhere}),
        "without-trigger": token(key, "access", {**access, **root}),
    }
    (folder / "tokens.json").write_text(json.dumps(tokens))


def call(address, bearer):
    request = urllib.request.Request(
        f"{address}/nevisidm/api/core/v1/clients",
        data=b'{"name": "Example"}',
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def attempt(address, folder):
    tokens = json.loads((pathlib.Path(folder) / "tokens.json").read_text())
    for name, expected in CASES.items():
        status, body = call(address, tokens[name])
        print(f"{name}: {status} {body.decode()}")
        if status != expected:
            sys.exit(f"{name}: expected {expected}")


if __name__ == "__main__":
    {"make": make, "try": attempt}[sys.argv[1]](*sys.argv[2:])
