// Shows the document that the exchange serves, and signs the requests that are tried there.
"use strict";

const secret = document.getElementById("secret");

async function hmac(text) {
  const bytes = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const raw = bytes.encode(secret.value);
  const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes.encode(text)));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What stands in the fields for time and signature is replaced: nobody types those in time.
async function sign(request) {
  const url = new URL(request.url, location.href);
  if (!secret.value || !url.searchParams.has("signature")) return request;
  const pairs = url.search.slice(1).split("&");
  const rest = pairs.filter((pair) => !/^(signature|timestamp)=/.test(pair));
  const query = [...rest, `timestamp=${Date.now()}`].join("&");
  request.url = `${url.origin}${url.pathname}?${query}&signature=${await hmac(query)}`;
  return request;
}

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  requestInterceptor: sign,
});
