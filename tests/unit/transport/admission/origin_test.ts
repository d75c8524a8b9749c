import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import fc from "fast-check";
import { resolveClientOptions } from "../../../../lib/gateway/clients/client_options.ts";
import {
  isOrigin,
  whyNotOrigin,
} from "../../../../lib/transport/admission/origin.ts";
import { resolveListenerOptions } from "../../../../lib/transport/listener/listener_options.ts";

Deno.test("whyNotOrigin() takes every origin that a browser sends, and it is that page's", () => {
  fc.assert(
    fc.property(fc.webUrl(), (url) => {
      const { origin } = new URL(url);

      assertEquals(whyNotOrigin(origin), undefined);
      assertEquals(isOrigin(origin, origin), true);
    }),
  );
});

Deno.test("whyNotOrigin() says what is right of what no browser sends", () => {
  assertEquals(
    [
      "https://example.com/",
      "https://example.com/chat",
      "example.com:3000",
      "https://*.example.com/",
      "http://example.com:80",
    ].map((text) => /write "(.*)"/.exec(whyNotOrigin(text) ?? "")?.[1]),
    [
      "https://example.com",
      "https://example.com",
      "https://example.com:3000",
      "https://*.example.com",
      "http://example.com",
    ],
  );
});

Deno.test("gateways and listeners refuse origins that no page has", () => {
  const origins = ["https://example.com/"];

  for (const resolve of [resolveClientOptions, resolveListenerOptions]) {
    assertThrows(
      () => void resolve({ origins }),
      TypeError,
      'write "https://example.com"',
    );
  }
  assertThrows(
    () => resolveClientOptions({ listen: [{ url: "ws://a:1", origins }] }),
    TypeError,
    "Cannot use origins",
  );
});

Deno.test("isOrigin() takes a star for names in front of a host, and for nothing else", () => {
  assert(isOrigin("https://a.example.com", "https://*.example.com"));
  assert(isOrigin("https://a.b.example.com", "https://*.example.com"));
  assertFalse(isOrigin("https://example.com", "https://*.example.com"));
  assertFalse(
    isOrigin("https://other.org/.example.com", "https://*.example.com"),
  );
});
