import { assertEquals, assertThrows } from "@std/assert";
import { AddressSet } from "../../../lib/base/address_set.ts";

for (
  const [range, inside, outside] of [
    ["10.0.0.7", ["10.0.0.7", "::ffff:10.0.0.7"], ["10.0.0.8", "::1"]],
    ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["11.0.0.0", "9.9.9.9"]],
    ["192.168.4.0/22", ["192.168.7.255"], ["192.168.8.0", "192.168.3.255"]],
    ["0.0.0.0/0", ["1.2.3.4"], ["::1"]],
    ["::1", ["::1", "0:0:0:0:0:0:0:1"], ["::2", "127.0.0.1"]],
    ["fd00::/8", ["fd12:3456::1", "fdff::"], ["fe00::1", "fc00::1"]],
    ["::ffff:10.0.0.0/104", ["10.9.8.7"], ["11.0.0.0", "::a00:1"]],
    ["2001:db8::/33", ["2001:db8:7fff::"], ["2001:db8:8000::"]],
  ] as const
) {
  Deno.test(`AddressSet of ${range} has what is in it and nothing else`, () => {
    const set = new AddressSet([range]);

    for (const address of inside) assertEquals(set.has(address), true, address);
    for (const address of outside) {
      assertEquals(set.has(address), false, address);
    }
  });
}

for (
  const wrong of ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.256"]
    .concat([
      "::ffff:10.0.0.0/95",
      "::/129",
      "1::2::3",
      "10.0.0.0/8/8",
      "localhost",
      "01.2.3.4",
    ])
) {
  Deno.test(`AddressSet refuses "${wrong}"`, () => {
    assertThrows(
      () => new AddressSet([wrong]),
      TypeError,
      "Cannot read address range",
    );
  });
}

Deno.test("AddressSet has nothing that is no address, and nothing at all if empty", () => {
  assertEquals(new AddressSet(["0.0.0.0/0"]).has("unknown"), false);
  assertEquals(new AddressSet([]).has("127.0.0.1"), false);
});

Deno.test("AddressSet knows an address in each of its forms", () => {
  const set = new AddressSet(["10.0.0.0/8", "fe80::/10"]);

  for (const same of ["10.1.2.3", "::ffff:10.1.2.3", "::FFFF:0a01:0203"]) {
    assertEquals(set.has(same), true, same);
  }
  assertEquals(set.has("fe80::1%eth0"), true);
  for (const wrong of ["10.1.2", "010.1.2.3", ":::", "fe80::12345", ""]) {
    assertEquals(set.has(wrong), false, wrong);
  }
});
