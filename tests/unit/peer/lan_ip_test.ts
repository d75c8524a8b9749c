import { assert, assertEquals, assertThrows } from "@std/assert";
import { getNetworkAddress } from "@std/net";
import { whyNotDialable } from "../../../lib/base/address.ts";
import { findLanIp } from "../../../lib/peer/lan_ip.ts";

Deno.test("findLanIp() stays on this machine while every Register is on it", () => {
  assertEquals(findLanIp(["127.0.0.1:1236", "[::1]:1236"]), "127.0.0.1");
  assertEquals(findLanIp([]), "127.0.0.1");
});

Deno.test({
  name: "findLanIp() finds what others dial when a Register is elsewhere",
  ignore: getNetworkAddress() === undefined,
  fn() {
    const address = findLanIp(["127.0.0.1:1236", "10.0.0.1:1236"]);

    assertEquals(address, getNetworkAddress());
    assertEquals(whyNotDialable(address), undefined);
    assert(!address.startsWith("127."));
  },
});

Deno.test({
  name: "findLanIp() asks for the address where there is none to find",
  ignore: getNetworkAddress("IPv6") !== undefined,
  fn() {
    assertThrows(
      () => findLanIp(["[fd00::1]:1236"]),
      TypeError,
      "no IPv6 address in a network: give it as lanIp (--lan-ip)",
    );
  },
});

Deno.test({
  name: "findLanIp() says so when it may not look",
  permissions: { sys: false },
  fn() {
    assertThrows(
      () => findLanIp(["10.0.0.1:1236"]),
      TypeError,
      "give it as lanIp (--lan-ip)",
    );
  },
});
