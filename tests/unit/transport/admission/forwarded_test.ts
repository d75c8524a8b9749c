import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatAddress } from "../../../../lib/base/address.ts";
import { AddressSet } from "../../../../lib/base/address_set.ts";
import { clientAddress } from "../../../../lib/transport/admission/forwarded.ts";

const TRUSTED = new AddressSet(["10.0.0.0/8", "fd00::/8"]);

/** Who a client is that comes from a peer's port 1, with these lines of a header. */
function clientBehind(
  peer: string,
  values: readonly string[],
  name = "x-forwarded-for",
): string {
  const headers = values.map((value) => [name, value] as const);
  const rules = { trusted: TRUSTED, forwardedHeader: name };
  const request = { target: "/", headers };
  return formatAddress(
    clientAddress(request, { hostname: peer, port: 1 }, rules),
  );
}

for (
  const [what, values, client] of [
    ["believes a proxy", ["203.0.113.7"], "203.0.113.7:0"],
    [
      "takes the last one that is no proxy of ours",
      ["1.1.1.1, 203.0.113.7, 10.0.0.2"],
      "203.0.113.7:0",
    ],
    [
      "reads several headers as one list",
      ["1.1.1.1", "203.0.113.7", "10.0.0.2"],
      "203.0.113.7:0",
    ],
    ["takes the first if all are ours", ["10.0.0.3"], "10.0.0.3:0"],
    ["takes the peer without a header", [], "10.0.0.1:1"],
    ["stops at what is no address", ["x, 10.0.0.2"], "10.0.0.2:0"],
    ["stops at unknown", ["203.0.113.7, unknown"], "10.0.0.1:1"],
    ["stops at zeros in front", ["203.000.113.007"], "10.0.0.1:1"],
    ["takes a port", ["203.0.113.7:4711"], "203.0.113.7:4711"],
    ["drops a port that is none", ["203.0.113.7:70000"], "203.0.113.7:0"],
    [
      "takes a port after brackets",
      ["[2001:db8::7]:4711"],
      "[2001:db8::7]:4711",
    ],
    ["reads IPv6", ["2001:db8::7"], "[2001:db8::7]:0"],
    ["reads IPv6 in brackets", ["[2001:db8::7]"], "[2001:db8::7]:0"],
    ["drops quotes", ['"[2001:db8::7]:5"'], "[2001:db8::7]:5"],
    ["keeps a zone", ["fe80::1%eth0"], "[fe80::1%eth0]:0"],
    [
      "has one form of an address",
      ["2001:DB8:0:0:0:0:0:7"],
      "[2001:db8::7]:0",
    ],
    ["has IPv4 as such", ["::ffff:203.0.113.7"], "203.0.113.7:0"],
    ["knows a proxy in IPv6 form", ["6.6.6.6, ::ffff:10.0.0.3"], "6.6.6.6:0"],
    ["ignores an empty element", ["203.0.113.7,,10.0.0.3"], "203.0.113.7:0"],
    ["ignores a comma at the end", ["203.0.113.7, "], "203.0.113.7:0"],
    ["ignores an empty line", ["203.0.113.7", ""], "203.0.113.7:0"],
    [
      "believes what stands behind a quote that a client left open",
      ['", 203.0.113.7'],
      "203.0.113.7:0",
    ],
  ] as const
) {
  Deno.test(`clientAddress() ${what} (X-Forwarded-For)`, () => {
    assertEquals(clientBehind("10.0.0.1", values), client);
  });
}

for (
  const [what, values, client] of [
    ["reads an address", ["for=203.0.113.7"], "203.0.113.7:0"],
    ["reads a port", ['for="203.0.113.7:4711"'], "203.0.113.7:4711"],
    ["reads IPv6 and a port", ['for="[::1]:1234"'], "[::1]:1234"],
    ["reads IPv6", ['For="[2001:DB8:0::7]"'], "[2001:db8::7]:0"],
    [
      "reads an escaped mark",
      ['for="203.0.113.\\7"'],
      "203.0.113.7:0",
    ],
    [
      "reads what stands around it",
      ["proto=https;FOR=203.0.113.7;by=_me;host=a.example"],
      "203.0.113.7:0",
    ],
    ["takes empty pairs", [";for=203.0.113.7;"], "203.0.113.7:0"],
    [
      "takes the last one that is no proxy of ours",
      ["for=1.1.1.1, for=203.0.113.7;proto=https", "for=10.0.0.2"],
      "203.0.113.7:0",
    ],
    [
      "is not misled by a comma or a name in quotes",
      ['for=1.1.1.1;host="a, for=6.6.6.6", for=203.0.113.7;host="\\",b"'],
      "203.0.113.7:0",
    ],
    [
      "believes what stands behind a quote that a client left open",
      ['for="6.6.6.6, for="[2001:db8::7]:5"'],
      "[2001:db8::7]:5",
    ],
    ["keeps a secret port", ['for="203.0.113.7:_port"'], "203.0.113.7:0"],
    ["stops at unknown", ["for=1.1.1.1, for=unknown"], "10.0.0.1:1"],
    ["stops at a secret", ["for=1.1.1.1, for=_hidden"], "10.0.0.1:1"],
    ["stops where it is not said", ["for=1.1.1.1, proto=http"], "10.0.0.1:1"],
    ["stops where it is said twice", ["for=1.1.1.1;for=2.2.2.2"], "10.0.0.1:1"],
    ["stops at what cannot be read", ["for=1.1.1.1 x"], "10.0.0.1:1"],
    ["stops at no pair", ["203.0.113.7"], "10.0.0.1:1"],
  ] as const
) {
  Deno.test(`clientAddress() ${what} (RFC 7239)`, () => {
    assertEquals(clientBehind("10.0.0.1", values, "forwarded"), client);
  });
}

Deno.test("clientAddress() believes nobody but proxies of ours, in no header but theirs", () => {
  assertEquals(clientBehind("192.0.2.1", ["203.0.113.7"]), "192.0.2.1:1");
  const request = {
    target: "/",
    headers: [["x-forwarded-for", "6.6.6.6"], ["x-real-ip", "203.0.113.7"]],
  } as const;
  const peer = { hostname: "fd00::1", port: 1 };

  const { hostname } = clientAddress(request, peer, {
    trusted: TRUSTED,
    forwardedHeader: "x-real-ip",
  });

  assertEquals(hostname, "203.0.113.7");
});

Deno.test("clientAddress() takes what a proxy adds behind anything that a client says", () => {
  const added = [
    ["x-forwarded-for", "203.0.113.7"],
    ["forwarded", "for=203.0.113.7"],
    ["forwarded", 'proto=https;for="203.0.113.7:9"'],
  ] as const;
  const said = fc.string({ unit: fc.constantFrom(...'for=;," \\1.:[]x') });
  fc.assert(
    fc.property(said, fc.constantFrom(...added), (before, [name, last]) => {
      const client = clientBehind("10.0.0.1", [`${before}, ${last}`], name);
      assertEquals(client.replace(/:\d+$/, ""), "203.0.113.7");
    }),
  );
});
