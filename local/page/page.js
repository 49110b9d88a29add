// Shows openapi.json. If page.json contains tokens, the page can send requests with them.
"use strict";

async function show() {
    const { tokens } = await (await fetch("page.json")).json();
    const canTry = Object.keys(tokens).length > 0;
    // Opens a request that is ready to send.
    if (canTry && location.hash === "") {
        location.hash = "#/clients/create-client";
    }
    const page = SwaggerUIBundle({
        url: "openapi.json",
        dom_id: "#page",
        deepLinking: true,
        displayRequestDuration: true,
        defaultModelsExpandDepth: 0,
        supportedSubmitMethods: canTry ? ["get", "post", "put", "patch", "delete"] : [],
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
