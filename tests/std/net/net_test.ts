import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
} from "@std/assert";
import { getAvailablePort, getNetworkAddress } from "@std/net";
import {
  isIPv4,
  isIPv6,
  matchIPv4Subnet,
  matchIPv6Subnet,
  matchSubnets,
} from "@std/net/unstable-ip";

Deno.test("getAvailablePort() gives a port that can be listened on", () => {
  using listener = Deno.listen({
    hostname: "127.0.0.1",
    port: getAvailablePort(),
  });

  assert(listener.addr.port > 0);
});

Deno.test("getAvailablePort() gives another port if the preferred one is taken", () => {
  using listener = Deno.listen({ port: 0 });
  const { port } = listener.addr;

  assertNotEquals(getAvailablePort({ preferredPort: port }), port);
});

Deno.test("getNetworkAddress() never gives a loopback address", () => {
  const address = getNetworkAddress();

  assert(address === undefined || isIPv4(address));
  assertFalse(address?.startsWith("127."));
});

Deno.test("isIPv4() takes four bytes with dots between, and nothing else", () => {
  for (const addr of ["0.0.0.0", "127.0.0.1", "255.255.255.255"]) {
    assert(isIPv4(addr), addr);
  }
  for (
    const addr of ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "a.b.c.d", "::1"]
  ) {
    assertFalse(isIPv4(addr), addr);
  }
});

Deno.test("isIPv6() takes eight groups, fewer with one gap, or a dotted end", () => {
  const good = [
    "::",
    "::1",
    "1::",
    "2001:db8::ff00:42:8329",
    "1:2:3:4:5:6:7:8",
  ];
  for (const addr of [...good, "::ffff:192.168.0.1", "1:2:3:4:5:6:7::"]) {
    assert(isIPv6(addr), addr);
  }
  const bad = [
    "",
    ":",
    "1",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "::10000",
    "::g",
    ":::",
  ];
  for (const addr of [...bad, "1:2:3:4:5:6:7:8::", "1.2.3.4", "::1.2.3.256"]) {
    assertFalse(isIPv6(addr), addr);
  }
});

Deno.test("matchIPv4Subnet() compares as many bits as the prefix says", () => {
  assert(matchIPv4Subnet("10.1.2.3", "10.0.0.0/8"));
  assert(matchIPv4Subnet("192.168.1.127", "192.168.1.0/25"));
  assertFalse(matchIPv4Subnet("192.168.1.128", "192.168.1.0/25"));
  assert(matchIPv4Subnet("1.2.3.4", "0.0.0.0/0"));
  assert(matchIPv4Subnet("1.2.3.4", "1.2.3.4/32"));
  assertFalse(matchIPv4Subnet("1.2.3.5", "1.2.3.4/32"));
});

Deno.test("matchIPv4Subnet() says no to a subnet that is none", () => {
  for (const end of ["", "/", "/33", "/-1", "/a", "/8/8"]) {
    assertFalse(matchIPv4Subnet("10.0.0.1", `10.0.0.0${end}`), end);
  }
});

Deno.test("matchIPv6Subnet() compares as many bits as the prefix says", () => {
  assert(matchIPv6Subnet("2001:db8::ffff", "2001:db8::/32"));
  assert(matchIPv6Subnet("fdff::1", "fc00::/7"));
  assertFalse(matchIPv6Subnet("fe00::1", "fc00::/7"));
  assert(matchIPv6Subnet("::1", "::1/128"));
  assertFalse(matchIPv6Subnet("::2", "::1/128"));
  assertFalse(matchIPv6Subnet("::1", "::/129"));
});

Deno.test("matchSubnets() takes subnets and addresses of both families", () => {
  const trusted = ["10.0.0.0/8", "192.168.0.7", "fc00::/7", "::1"];

  const inside = ["10.9.8.7", "192.168.0.7", "fd00::1", "::1", "192.168.0.8"];
  assertEquals(
    inside.map((addr) => matchSubnets(addr, trusted)),
    [true, true, true, true, false],
  );
  assertFalse(matchSubnets("not an address", trusted));
  assertFalse(matchSubnets("10.0.0.1", []));
});
