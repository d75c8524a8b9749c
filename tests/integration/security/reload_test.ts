import { assertEquals, assertMatch } from "@std/assert";
import { askRegister } from "../../../lib/roster/register_status.ts";
import { Trust } from "../../../lib/peer/trust.ts";
import { getAvailablePorts, startCli } from "../../_support/processes.ts";
import { TestClient } from "../../_support/test_client.ts";
import {
  AUTHORITY,
  NEXT_NODE,
  NODE,
  serialAt,
  serialOf,
} from "./_certificates.ts";

const HANDLER =
  new URL("../../_support/handlers/lively.ts", import.meta.url).pathname;

Deno.test("SIGHUP reads keys and certificates again in every process, and no client notices", async () => {
  const dir = await Deno.makeTempDir();
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${dir}/${name}`, text);
  await write("keys", "old\n");
  await write("node.crt", NODE.lanCert);
  await write("node.key", NODE.lanKey);
  await write("ca.crt", AUTHORITY);
  const [port, register, start] = [
    getAvailablePorts(1),
    `127.0.0.1:${getAvailablePorts(1)}`,
    `${getAvailablePorts(1)}`,
  ];
  const tls = { ...NODE, lanCa: AUTHORITY };
  try {
    await using cli = startCli([
      "start",
      HANDLER,
      "--workers=1",
      `--listen=ws://127.0.0.1:${port}`,
      `--register=${register}`,
      `--start-port=${start}`,
      `--secret-key-file=${dir}/keys`,
      `--lan-cert=${dir}/node.crt`,
      `--lan-key=${dir}/node.key`,
      `--lan-ca=${dir}/ca.crt`,
      `--runtime-dir=${dir}/run`,
    ]);
    await cli.line(/^All ready/);
    await using client = await TestClient.connect(`ws://127.0.0.1:${port}`);
    const gateway = `127.0.0.1:${start}`;
    assertEquals(await serialAt(gateway), serialOf(NODE));

    await write("keys", "new\nold\n");
    await write("node.crt", NEXT_NODE.lanCert);
    await write("node.key", NEXT_NODE.lanKey);
    cli.signal("SIGHUP");
    await cli.errorLines(/Reloaded the workers/, 1);

    assertEquals(await serialAt(gateway), serialOf(NEXT_NODE));
    assertEquals(await serialAt(register), serialOf(NEXT_NODE));
    const trust = await Trust.load({ ...tls, secretKey: "new" });
    const { gateways, workers } = await askRegister({ register, trust });
    assertEquals([gateways.length, workers.length], [1, 1]);
    client.send("still here");
    assertMatch(String(await client.hear()), /^pid \d+$/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a key file that is gone at SIGHUP changes nothing, and says so", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/keys`, "old\n");
  const register = `127.0.0.1:${getAvailablePorts(1)}`;
  try {
    await using cli = startCli([
      "register",
      `--register-listen=${register}`,
      `--secret-key-file=${dir}/keys`,
      `--runtime-dir=${dir}/run`,
    ]);
    await cli.line(/^Register ready/);
    await Deno.remove(`${dir}/keys`);

    cli.signal("SIGHUP");
    await cli.errorLines(/Cannot read secret key file/, 1);

    const trust = await Trust.load({ secretKey: "old" });
    const { registers } = await askRegister({ register, trust });
    assertEquals(registers.length, 1);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a Register that others reach says on one line why it does not start", async () => {
  await using cli = startCli(["register", "--register-listen=0.0.0.0:0"]);

  assertEquals(await cli.code(), 1);
  assertEquals(cli.errors.length, 1);
  await cli.errorLines(/^Cannot start Register on 0\.0\.0\.0 .*--insecure/, 1);
});
