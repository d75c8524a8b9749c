/**
 * Every stop has an end, whatever others have begun and do not finish.
 *
 * @module
 */
import { assertLess } from "@std/assert";
import { BusinessWorker, Gateway, GatewayClient, Register } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { LogLines } from "../_support/log_lines.ts";
import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";
import { bytes } from "../unit/transport/_feed.ts";
import { NODE } from "./security/_certificates.ts";

/** Milliseconds that a stop may take where nothing has to be finished. */
const PROMPT = 4_000;

/** Connects, says something, and then neither speaks nor reads. */
async function mute(port: number, words: string): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(bytes(words));
  return conn;
}

async function assertPrompt(stop: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await stop();
  assertLess(performance.now() - start, PROMPT);
}

Deno.test("Gateway.shutdown() ends though clients are in the middle of a handshake, and authorize() never answers", async () => {
  await using _log = await LogLines.collect();
  const asked = Promise.withResolvers<void>();
  const gateway = await Gateway.start({
    listen: ["ws://127.0.0.1:0", "wss://127.0.0.1:0", "text://127.0.0.1:0"],
    startPort: 0,
    register: ["127.0.0.1:9"],
    cert: NODE.lanCert,
    key: NODE.lanKey,
    stopTimeout: 500,
    authorizeTimeout: 60_000,
    authorize: () => {
      asked.resolve();
      return new Promise<never>(() => {});
    },
  });
  const [plain = 0, secure = 0, text = 0] = gateway.addrs.map((addr) =>
    addr.port
  );
  const workers = Number(gateway.lanAddress.split(":").at(-1));
  using _conns = new DisposableStack();
  for (
    const [port, words] of [
      [plain, UPGRADE_REQUEST],
      [plain, UPGRADE_REQUEST.slice(0, 50)],
      [plain, ""],
      [secure, "\x16\x03\x01"],
      [secure, ""],
      [text, "half a line"],
      [workers, ""],
      [workers, "\x00\x00"],
    ] as const
  ) _conns.use(await mute(port, words || " "));
  await asked.promise;

  await assertPrompt(() => gateway.shutdown());
});

Deno.test("Register.shutdown() ends though its peers are silent, or in the middle of a line", async () => {
  await using _log = await LogLines.collect();
  const register = await Register.start({ listen: "127.0.0.1:0" });
  const { port } = register.addr;
  using _conns = new DisposableStack();
  for (const words of [" ", '{"event":"worker_connect"', "x".repeat(5_000)]) {
    _conns.use(await mute(port, words));
  }

  await assertPrompt(() => register.shutdown());
});

Deno.test("workers and programs leave though a gateway and a Register say nothing at all", async () => {
  await using _log = await LogLines.collect();
  await using cluster = await startCluster({ workers: 0, handler: () => {} });
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const taken = silent.accept();
  const register = [
    ...cluster.registers,
    `127.0.0.1:${silent.addr.port}`,
  ];
  const worker = await BusinessWorker.start({ handler: () => {}, register });
  const program = await GatewayClient.connect({ register });
  using _conn = await taken;

  await assertPrompt(() => worker.shutdown());
  await assertPrompt(() => program[Symbol.asyncDispose]());
});
