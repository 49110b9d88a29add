// Shows openapi.json. Where page.json names tokens, requests can be tried with them.
"use strict";

async function show() {
    const { tokens } = await (await fetch("page.json")).json();
    const canTry = Object.keys(tokens).length > 0;
    // The first thing that a newcomer sees is a request that is ready to be sent.
    if (canTry && location.hash === "") {
        location.hash = "#/clients/create-client";
    }
    const page = SwaggerUIBundle({
        url: "openapi.json",
        dom_id: "#page",
        deepLinking: true,
        displayRequestDuration: true,
        defaultModelsExpandDepth: 0,
        supportedSubmitMethods: canTry ? ["get", "post", "patch", "delete"] : [],
        tryItOutEnabled: canTry,
        validatorUrl: null,
        onComplete() {
            for (const [scheme, token] of Object.entries(tokens)) {
                page.preauthorizeApiKey(scheme, token);
            }
        },
    });
}

show();
