import { assertEquals } from "@std/assert";
import { AddressSet } from "../../../../lib/base/address_set.ts";
import { clientHost } from "../../../../lib/transport/admission/forwarded.ts";

const TRUSTED = new AddressSet(["10.0.0.0/8", "fd00::/8"]);

function hostBehind(peer: string, ...values: string[]): string {
  const headers = values.map((value) => ["x-forwarded-for", value] as const);
  return clientHost({ target: "/", headers }, peer, TRUSTED);
}

for (
  const [what, peer, values, host] of [
    ["believes a proxy", "10.0.0.1", ["203.0.113.7"], "203.0.113.7"],
    ["believes nobody else", "192.0.2.1", ["203.0.113.7"], "192.0.2.1"],
    [
      "takes the last one that is no proxy of ours",
      "10.0.0.1",
      ["1.1.1.1, 203.0.113.7, 10.0.0.2"],
      "203.0.113.7",
    ],
    [
      "reads several headers as one list",
      "10.0.0.1",
      ["1.1.1.1", "203.0.113.7", "10.0.0.2"],
      "203.0.113.7",
    ],
    ["takes the first if all are ours", "10.0.0.1", ["10.0.0.3"], "10.0.0.3"],
    ["takes the peer without a header", "10.0.0.1", [], "10.0.0.1"],
    ["stops at what is no address", "10.0.0.1", ["x, 10.0.0.2"], "10.0.0.2"],
    ["drops a port", "10.0.0.1", ["203.0.113.7:4711"], "203.0.113.7"],
    ["drops brackets", "fd00::1", ["[2001:db8::7]:4711"], "2001:db8::7"],
    ["reads IPv6", "fd00::1", ["2001:db8::7"], "2001:db8::7"],
  ] as const
) {
  Deno.test(`clientHost() ${what}`, () => {
    assertEquals(hostBehind(peer, ...values), host);
  });
}
