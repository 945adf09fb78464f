// Shows the document that the exchange serves. Signed requests are signed here, in the browser:
// the secret is asked for once, kept in this page only, and never sent.
"use strict";

let secret = "";

async function sign(payload) {
  const bytes = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes.encode(secret), algorithm, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes.encode(payload)));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Whoever leaves "signature" as the word "sign" has it made, over the time of the click.
async function prepare(request) {
  const url = new URL(request.url, location.href);
  const pairs = url.search.slice(1).split("&");
  if (!pairs.includes("signature=sign")) return request;
  secret ||= prompt("The secret of this API key (HMAC). It stays in this page.") || "";
  const rest = pairs.filter((pair) => !/^(signature|timestamp)=/.test(pair));
  const query = [...rest, `timestamp=${Date.now()}`].join("&");
  request.url = `${url.origin}${url.pathname}?${query}&signature=${await sign(query)}`;
  return request;
}

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  requestInterceptor: prepare,
});
