"use strict";

// Whoever signs in on this page is signed in on it: the token of the answer is the one that is sent from then on.
function keepToken(answer) {
  if (answer.ok && new URL(answer.url).pathname === "/users/login") {
    page.preauthorizeApiKey("token", answer.body.accessToken);
  }
  return answer;
}

const page = SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: "none",
  responseInterceptor: keepToken,
});
