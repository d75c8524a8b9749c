import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import {
  formatClientId,
  gatewayIdOf,
  parseClientId,
} from "../../../../lib/wire/bodies/client_id.ts";

Deno.test("formatClientId() writes the ids of the original", () => {
  const gatewayId = gatewayIdOf({ hostname: "127.0.0.1", port: 2900 });

  assertEquals(gatewayId, "7f0000010b54");
  assertEquals(formatClientId(gatewayId, 1), "7f0000010b5400000001");
  assertEquals(formatClientId(gatewayId, 0xffff_ffff), "7f0000010b54ffffffff");
});

Deno.test("parseClientId() reads the ids of the original, in either case", () => {
  const expected = { gatewayId: "7f0000010b54", connectionId: 0xabc };

  assertEquals(parseClientId("7f0000010b5400000abc"), expected);
  assertEquals(parseClientId("7F0000010B5400000ABC"), expected);
});

Deno.test("parseClientId() reads back what formatClientId() wrote", () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  const connection = fc.integer({ min: 0, max: 0xffff_ffff });
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
  fc.assert(fc.property(host, port, connection, (hostname, port, id) => {
    const gatewayId = gatewayIdOf({ hostname, port });

    assertMatch(gatewayId, /^[0-9a-f]{12}$/);
    assertEquals(
      parseClientId(formatClientId(gatewayId, id)),
      { gatewayId, connectionId: id },
    );
  }));
});

for (
  const id of [
    "",
    "7f0000010b540000001",
    "7f0000010b54000000010",
    "7f0000010b540000000g",
    " f0000010b5400000001",
    "7f0000010b5400000001\n",
    "-f0000010b5400000001",
    "0x00010b540000000111",
    "７f0000010b5400000001",
  ]
) {
  Deno.test(`parseClientId() does not recognize ${JSON.stringify(id)}`, () => {
    assertEquals(parseClientId(id), undefined);
  });
}

Deno.test("parseClientId() does not recognize what is no text", () => {
  for (const id of [undefined, null, 7, ["7f0000010b5400000001"], {}]) {
    assertEquals(parseClientId(id as string), undefined);
  }
});

Deno.test("gatewayIdOf() gives IPv6 addresses and names ids that no IPv4 address has", () => {
  for (const hostname of ["::1", "fd00::7", "gateway.example", "999.1.1.1"]) {
    const id = gatewayIdOf({ hostname, port: 2900 });

    assertMatch(id, /^f[0-9a-f]{7}0b54$/);
  }
});

Deno.test("gatewayIdOf() tells hosts and ports apart, and answers the same each time", () => {
  const ids = [
    { hostname: "a.example", port: 1 },
    { hostname: "b.example", port: 1 },
    { hostname: "a.example", port: 2 },
  ].map(gatewayIdOf);

  assertEquals(new Set(ids).size, 3);
  assertEquals(gatewayIdOf({ hostname: "a.example", port: 1 }), ids[0]);
  assertNotEquals(ids[0], ids[1]);
});
