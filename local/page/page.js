// Shows openapi.json below an overview. If page.json has callers, the page can send requests with their tokens or
// with pasted ones.
"use strict";

const byId = (id) => document.getElementById(id);
const OWN = "A token of your own";
// The headers of a response that depend on the request.
const SHOWN_HEADERS = ["content-type", "created-id", "etag", "location", "retry-after", "www-authenticate"];

let lastNumber = 0;
// Returns a number that no earlier name ends with.
function newNumber() {
    lastNumber = Math.max(Date.now(), lastNumber + 1);
    return lastNumber;
}

// Replaces the numbers at the end of names, so that the names are not in use.
function renew(text) {
    return text.replace(/-\d{10,}"/g, () => `-${newNumber()}"`);
}

// Numbers what a creation must not have in common with an earlier one, where the description has only one example.
function numberExamples(description) {
    for (const { post } of Object.values(description.paths)) {
        const example = post?.requestBody?.content?.["application/json"]?.example;
        // Of a property, the name is unique.
        if (example?.scope) example.name += `-${newNumber()}`;
        if (example?.extId) example.extId += `-${newNumber()}`;
        // A key ID is in base64url, which `-` and digits are part of.
        if (example?.keyId) example.keyId = `AA-${newNumber()}`;
    }
}

// Returns the claims of a token, or null if it is not a JWT.
function claimsOf(token) {
    try {
        const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
        const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
        return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
        return null;
    }
}

// Returns an authorization of a token in words.
function inWords({ role, clients, units }) {
    const listed = (kind, all, ids) => ids.includes("*") ? all : `${kind} ${ids.join(", ")}`;
    const rooms = [];
    if (clients) rooms.push(listed("clients", "all clients", clients));
    if (units) rooms.push(listed("units", "all units", units));
    return rooms.length > 0 ? `${role} for ${rooms.join(", ")}` : role;
}

// Returns the roles in a claim with this name, or else at this path with dots.
function rolesIn(claims, name) {
    if (name in claims) return [claims[name]].flat();
    const dot = name.indexOf(".");
    const outer = claims[name.slice(0, dot)];
    return dot > 0 && outer instanceof Object ? rolesIn(outer, name.slice(dot + 1)) : [];
}

// Returns who the token identifies, their roles and when it expires; and whether the service refuses it.
function describeToken(token, issuers) {
    if (!token) return { text: "Paste a token of your issuer, without “Bearer”." };
    const claims = claimsOf(token);
    if (claims === null) return { text: "This is not a JWT.", refused: true };
    const { iss, sub, clientExtId, authorizations, exp } = claims;
    const issuer = issuers.find(({ name }) => name === iss);
    if (!issuer) return { text: `The service does not trust the issuer “${iss}”.`, refused: true };
    const parts = [clientExtId ? `${sub} of client ${clientExtId}` : `${sub}`];
    // Issuers that cannot add authorizations have roles over the own client.
    const roles = rolesIn(claims, issuer.rolesClaim);
    const listed = [...(Array.isArray(authorizations) ? authorizations.map(inWords) : []), ...roles];
    parts.push(listed.join("; ") || "no role");
    const expiry = new Date(exp * 1000);
    const refused = expiry <= new Date();
    if (exp) parts.push(`${refused ? "expired" : "until"} ${expiry.toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`);
    return { text: parts.join(" · "), refused };
}

// The callers of page.json and the pasted tokens, and the one that requests are sent for.
const caller = {
    all: [],
    issuers: [],
    ui: null,
    get own() {
        return { name: OWN, tokens: { bearerToken: byId("own-bearer").value.trim(), xToken: byId("own-x-token").value.trim() } };
    },
    get tokens() {
        return (this.all.find(({ name }) => name === byId("who").value) ?? this.own).tokens;
    },
    // Shows the caller and uses its tokens.
    apply() {
        const { bearerToken, xToken } = this.tokens;
        const { text, refused } = describeToken(bearerToken, this.issuers);
        const own = byId("who").value === OWN;
        byId("own").hidden = !own;
        byId("claims").textContent = xToken && !own ? `${text} · with an X-Token` : text;
        byId("claims").classList.toggle("refused", Boolean(refused));
        for (const [scheme, token] of Object.entries({ bearerToken, xToken })) {
            if (token) this.ui.preauthorizeApiKey(scheme, token);
            else this.ui.authActions.logout([scheme]);
        }
    },
};

function showCallers({ callers, issuers }, ui) {
    caller.all = callers;
    caller.issuers = issuers;
    caller.ui = ui;
    byId("who").replaceChildren(...[...callers.map(({ name }) => name), OWN].map((name) => new Option(name)));
    for (const id of ["who", "own-bearer", "own-x-token"]) byId(id).addEventListener("input", () => caller.apply());
    byId("caller").hidden = false;
    caller.apply();
    // The tokens of page.json are new at each request, and an X-Token is valid for a short time only.
    setInterval(async () => {
        const response = await fetch("page.json").catch(() => null);
        if (response?.ok) {
            caller.all = (await response.json()).callers;
            caller.apply();
        }
    }, 5 * 60 * 1000);
}

// Sends a request for the caller and shows the response. Returns its Location, if it has one.
async function send(method, url, body) {
    const answer = byId("answer");
    answer.className = "";
    answer.textContent = "…";
    const headers = { Authorization: `Bearer ${caller.tokens.bearerToken}` };
    if (body) headers["Content-Type"] = "application/json";
    try {
        const response = await fetch(url, { method, headers, body });
        const text = await response.text();
        const lines = [`${response.status} ${response.statusText}`];
        for (const name of SHOWN_HEADERS.filter((name) => response.headers.has(name))) lines.push(`${name}: ${response.headers.get(name)}`);
        answer.textContent = `${lines.join("\n")}\n\n${text && JSON.stringify(JSON.parse(text), null, 2)}`;
        answer.className = response.ok ? "done" : "failed";
        answer.scrollIntoView({ block: "nearest" });
        return response.headers.get("location");
    } catch (error) {
        answer.textContent = `No response: ${error.message}`;
        answer.className = "failed";
        return null;
    }
}

// Shows the card with the first call, which creates a client.
function showFirstCall(description) {
    const path = "/core/v1/clients";
    const { example } = description.paths[path].post.requestBody.content["application/json"];
    const url = description.servers[0].url + path;
    let body = JSON.stringify(example, null, 2);
    let created = null;
    const show = () => {
        byId("first-request").textContent = `POST ${url}\n\n${body}`;
        byId("read").disabled = created === null;
    };
    byId("send").addEventListener("click", async () => {
        body = renew(body);
        show();
        created = await send("POST", url, body) ?? created;
        show();
    });
    byId("read").addEventListener("click", () => send("GET", created));
    show();
    byId("first").hidden = false;
}

// Lists the nouns with the number of their operations. A click opens the operations of a noun.
function showNouns(description, ui) {
    const counts = new Map(description.tags.map(({ name }) => [name, 0]));
    for (const operation of Object.values(description.paths).flatMap((path) => Object.values(path))) {
        for (const tag of operation.tags ?? []) counts.set(tag, counts.get(tag) + 1);
    }
    byId("count").textContent = [...counts.values()].reduce((sum, count) => sum + count, 0);
    byId("nouns").replaceChildren(...[...counts].map(([tag, count]) => {
        const link = Object.assign(document.createElement("a"), { href: `#/${tag}`, textContent: tag });
        link.addEventListener("click", () => {
            ui.layoutActions.show(["operations-tag", tag], true);
            byId(`operations-tag-${tag}`).scrollIntoView();
        });
        const item = document.createElement("li");
        item.append(link, " ", Object.assign(document.createElement("span"), { textContent: count }));
        return item;
    }));
}

// Makes the renderer show what matters in a response, in view, and offer a new name after each creation.
const answers = () => ({
    wrapComponents: {
        headers: (Original, { React }) => (props) => React.createElement(Original, { ...props, headers: props.headers?.delete("Cache-Control") }),
    },
    statePlugins: {
        spec: {
            wrapActions: {
                setResponse: (original, system) => (path, method, response) => {
                    const headers = Object.entries(response.headers ?? {}).filter(([name]) => SHOWN_HEADERS.includes(name));
                    const result = original(path, method, { ...response, headers: Object.fromEntries(headers) });
                    const body = system.oas3Selectors.requestBodyValue(path, method);
                    if (response.status === 201 && typeof body === "string") {
                        system.oas3Actions.setRequestBodyValue({ value: renew(body), pathMethod: [path, method] });
                    }
                    const { tags, operationId } = system.specSelectors.specJson().getIn(["paths", path, method]).toJS();
                    const block = byId(`operations-${tags[0]}-${operationId}`);
                    // The response is rendered by then.
                    setTimeout(() => block.querySelector(".live-responses-table")?.scrollIntoView({ block: "nearest" }));
                    return result;
                },
            },
        },
    },
});

async function show() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
    dark.addEventListener("change", follow);
    follow();
    const [description, configuration] = await Promise.all(["openapi.json", "page.json"].map(async (file) => (await fetch(file)).json()));
    const canSend = configuration.callers !== undefined;
    if (canSend) numberExamples(description);
    const ui = SwaggerUIBundle({
        spec: description,
        dom_id: "#operations",
        deepLinking: true,
        docExpansion: "none",
        displayRequestDuration: true,
        defaultModelsExpandDepth: -1,
        supportedSubmitMethods: canSend ? ["get", "post", "put", "patch", "delete"] : [],
        tryItOutEnabled: canSend,
        validatorUrl: null,
        plugins: [answers],
        onComplete() {
            showNouns(description, ui);
            if (canSend) {
                showCallers(configuration, ui);
                showFirstCall(description);
            }
        },
    });
}

show();
