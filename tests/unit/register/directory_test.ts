import { assertEquals } from "@std/assert";
import {
  Directory,
  type RegisteredGateway,
} from "../../../lib/register/directory.ts";

function gatewayAt(address: string): RegisteredGateway {
  return { address, remoteAddress: "10.9.9.9:50000", since: 0 };
}

const WORKER = { remoteAddress: "10.9.9.8:50000", since: 0 };

Deno.test("Directory.addresses() lists gateways in the order they came", () => {
  const directory = new Directory<string>();

  directory.joinGateway("link 1", gatewayAt("b:1"));
  directory.joinGateway("link 2", gatewayAt("a:1"));

  assertEquals(directory.addresses().original, ["b:1", "a:1"]);
});

Deno.test("Directory keeps an address until the last link that announced it is gone", () => {
  const directory = new Directory<string>();
  directory.joinGateway("link 1", gatewayAt("a:1"));
  directory.joinGateway("link 2", gatewayAt("a:1"));

  directory.leave("link 1");

  assertEquals(directory.addresses().original, ["a:1"]);
  directory.leave("link 2");
  assertEquals(directory.addresses().original, []);
});

Deno.test("Directory.joinGateway() replaces what the link announced, in its old place", () => {
  const directory = new Directory<string>();
  directory.joinGateway("link 1", gatewayAt("a:1"));
  directory.joinGateway("link 2", gatewayAt("b:1"));

  directory.joinGateway("link 1", gatewayAt("c:1"));

  assertEquals(directory.addresses().original, ["c:1", "b:1"]);
});

Deno.test("Directory.leave() returns the gateway that left, and nothing for a worker", () => {
  const directory = new Directory<string>();
  directory.joinGateway("link 1", gatewayAt("a:1"));
  directory.joinWorker("link 2", WORKER);

  assertEquals(directory.leave("link 1"), gatewayAt("a:1"));
  assertEquals(directory.leave("link 2"), undefined);
  assertEquals(directory.leave("link 3"), undefined);
  assertEquals([...directory.workers], []);
});

Deno.test("Directory takes one link for a gateway's and a worker's at once", () => {
  const directory = new Directory<string>();

  directory.joinGateway("link", gatewayAt("a:1"));
  directory.joinWorker("link", WORKER);

  assertEquals([...directory.listedTo()], ["link"]);
  assertEquals([...directory.gateways], [gatewayAt("a:1")]);
});

Deno.test("Directory.addresses() has for each kind what it can dial", () => {
  const directory = new Directory<string>();
  directory.joinGateway("original", gatewayAt("10.0.0.1:1"));
  const ours = { instance: "i", php: true };
  directory.joinGateway("both", { ...gatewayAt("10.0.0.2:1"), ...ours });
  directory.joinGateway("name", { ...gatewayAt("host:1"), ...ours });
  directory.joinGateway("ours", {
    ...gatewayAt("10.0.0.3:1"),
    instance: "j",
  });

  assertEquals(directory.addresses(), {
    ours: ["10.0.0.2:1", "host:1", "10.0.0.3:1"],
    original: ["10.0.0.1:1"],
    forOriginal: ["10.0.0.1:1", "10.0.0.2:1"],
    bridges: [],
  });
});
