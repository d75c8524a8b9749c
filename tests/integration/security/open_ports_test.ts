import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Gateway, Register } from "../../../mod.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { eventually } from "../../_support/eventually.ts";
import { AUTHORITY, NODE } from "./_certificates.ts";
import { throwAt } from "./_peers.ts";

const EVERYWHERE = "0.0.0.0";

for (const listen of ["0.0.0.0:0", "[::]:0", "a-host-of-the-network:0"]) {
  Deno.test(`a Register on ${listen} does not start without a secret, and says what to do`, async () => {
    const error = await assertRejects(
      () => Register.start({ listen }),
      TypeError,
      "other machines reach it and there is no secret key",
    );
    assertStringIncludes(error.message, "--secret-key-file");
    assertStringIncludes(error.message, "--insecure");
  });
}

Deno.test("a gateway whose port for workers others reach does not start without a secret", async () => {
  await assertRejects(
    () =>
      Gateway.start({
        listen: ["ws://127.0.0.1:0"],
        lanListen: EVERYWHERE,
        startPort: 0,
      }),
    TypeError,
    "Cannot start gateway's port for workers on 0.0.0.0",
  );
});

for (
  const [what, options] of [
    ["a secret", { secretKey: "hush" }],
    ["a list of secrets", { secretKey: ["hush", "next"] }],
    ["certificates", { ...NODE, lanCa: AUTHORITY }],
    ["insecure", { insecure: true }],
  ] as const
) {
  Deno.test(`nodes that others reach start with ${what}`, async () => {
    await using register = await Register.start({
      listen: `${EVERYWHERE}:0`,
      ...options,
    });
    await using gateway = await Gateway.start({
      listen: ["ws://127.0.0.1:0"],
      lanListen: EVERYWHERE,
      lanIp: "127.0.0.1",
      startPort: 0,
      register: [`127.0.0.1:${register.addr.port}`],
      ...options,
    });

    await eventually(
      "the gateway is listed",
      () => register.status().gateways.length === 1,
    );
    assertEquals(
      register.status().gateways[0]?.address,
      gateway.lanAddress,
    );
  });
}

Deno.test("an empty secret is none", async () => {
  for (const secretKey of ["", [], [""]]) {
    await assertRejects(
      () => Register.start({ listen: `${EVERYWHERE}:0`, secretKey }),
      TypeError,
      "there is no secret key",
    );
  }
});

Deno.test("a node from a network that is not allowed is cut off, counted, and logged once", async () => {
  await using log = await LogLines.collect();
  const options = { secretKey: "hush", lanAllow: ["10.0.0.0/8", "fd00::/8"] };
  await using register = await Register.start({
    listen: "127.0.0.1:0",
    ...options,
  });
  await using gateway = await Gateway.start({
    listen: ["ws://127.0.0.1:0"],
    startPort: 0,
    register: ["127.0.0.1:1"],
    ...options,
  });

  const hello = new TextEncoder().encode('{"event":"ping"}\n');
  for (let each = 0; each < 3; each++) {
    const address = register.status().address;
    assertEquals(await throwAt(address, hello), new Uint8Array(0));
    assertEquals(
      await throwAt(gateway.lanAddress, hello),
      new Uint8Array(0),
    );
  }

  assertEquals([register.refused, gateway.refusedLinks], [3, 3]);
  const lines = log.lines.filter((line) =>
    line.includes("in none of the allowed networks")
  );
  assertEquals(lines.length, 2);
});

Deno.test("a network that is none is an error and lets nobody in by mistake", async () => {
  for (const network of ["10.0.0.0/33", "10.0.0", "fd00::/129", "lan"]) {
    await assertRejects(
      () => Register.start({ listen: "127.0.0.1:0", lanAllow: [network] }),
      TypeError,
      `current value is "${network}"`,
    );
  }
});
