// Creates everything that a user needs, with the generated client in ./client. The arguments are the base URL of
// the API and a Bearer token of a caller with all rights.

import assert from "node:assert/strict";

import * as api from "./client";
import type { Failure } from "./client";
import { client } from "./client/client.gen";

/** The status of a response, and its body. */
type Outcome<Body> = { data?: Body; error?: unknown; response?: Response };

/** Asserts that a request has created an entity, and returns its identifier. */
async function created(sent: Promise<Outcome<unknown>>): Promise<string> {
    const { response, error } = await sent;
    assert.equal(response?.status, 201, JSON.stringify(error));
    return response?.headers.get("Created-Id") ?? "";
}

/** Asserts that a request has succeeded, and returns the body of the response. */
async function ok<Body>(sent: Promise<Outcome<Body>>): Promise<Body> {
    const { data, response, error } = await sent;
    assert.equal(response?.status, 200, JSON.stringify(error));
    assert.ok(data !== undefined);
    return data;
}

const shop = { clientExtId: "shop" };
const user = { ...shop, userExtId: "rroe" };
const terms = { termsExtId: "conditions" };
const question = { ...shop, personalQuestionExtId: "pet" };

/** Returns whether the terms of the story await the consent of the user. */
async function isPending(): Promise<boolean> {
    const { items } = await ok(api.listPendingTerms({ path: user }));
    return items.some((one) => one.extId === terms.termsExtId);
}

async function tell(): Promise<void> {
    await created(api.createClient({ body: { extId: "shop", name: "Shop" } }));
    const sales = await created(api.createUnit({ path: shop, body: { name: "Sales" } }));
    const name = { firstName: "Richard", familyName: "Roe" };
    await created(api.createUser({ path: shop, body: { extId: "rroe", name } }));
    await created(api.createProfile({ path: user, body: { unitExtId: sales } }));
    const [profile, ...others] = (await ok(api.listProfiles({ path: user }))).items;
    assert.deepEqual([profile?.unitExtId, profile?.isDefaultProfile, others], [sales, true, []]);

    const conditions = { extId: "conditions", name: "Conditions", active: true, silentAcceptance: false };
    await created(api.createTerms({ body: { ...conditions, termsVersion: "1" } }));
    assert.equal(await isPending(), true);
    await created(api.createConsent({ path: user, body: terms }));
    assert.equal(await isPending(), false);
    const version = await ok(api.updateTerms({ path: terms, body: { termsVersion: "2" } }));
    assert.deepEqual([version.termsVersion, version.version], ["2", 1]);
    assert.equal(await isPending(), true);
    await created(api.createConsent({ path: user, body: terms }));
    assert.equal(await isPending(), false);
    const consents = await ok(api.listConsents({ path: user }));
    assert.deepEqual(consents.map((consent) => consent.termsVersion), ["1", "2"]);

    const content = { EN: "Which pet did you have first?" };
    await created(api.createPersonalQuestion({ path: shop, body: { extId: "pet", stateName: "active", content } }));
    const change = { stateName: "disabled", version: 0 } as const;
    const changed = await ok(api.updatePersonalQuestion({ path: question, body: change }));
    assert.deepEqual([changed.stateName, changed.content, changed.version], ["disabled", content, 1]);
    assert.deepEqual(await ok(api.getPersonalQuestion({ path: question })), changed);

    const definition = { ...shop, scope: "USER_GLOBAL", name: "locker", type: "STRING" } as const;
    await created(api.createProperty({ body: definition }));
    assert.deepEqual(await ok(api.updateUserProperties({ path: user, body: { locker: "17" } })), { locker: "17" });
    assert.deepEqual(await ok(api.getUserProperties({ path: user })), { locker: "17" });
    const found = await ok(api.getUser({ path: user }));
    assert.deepEqual([found.loginId, found.name], ["rroe", name]);
}

// Compiles only if a later version can have further error codes.
const later: Failure["errors"][number]["code"] = "errors.later";
assert.ok(later);

const [, , baseUrl, token] = process.argv;
assert.ok(baseUrl !== undefined && token !== undefined);
client.setConfig({ baseUrl, auth: token });
void tell();
