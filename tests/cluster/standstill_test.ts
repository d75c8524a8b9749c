import { assert, assertEquals } from "@std/assert";
import { pause } from "../../lib/base/pause.ts";
import {
  getAvailablePorts,
  startCli,
  type TestProcess,
} from "../_support/processes.ts";
import { TestClient } from "../_support/test_client.ts";

const GATED = import.meta.resolve("../_support/handlers/gated.ts");

/** Seconds between two heartbeats: who is silent for three of them is given up. */
const HEARTBEAT = "0.5";

/** Longer than anybody waits for a silent link, in milliseconds. */
const STANDSTILL = 2_500;

/** A Register, a gateway and workers; all end with the stack. */
class Cluster {
  readonly stack = new AsyncDisposableStack();
  readonly #register = getAvailablePorts(1);
  readonly #clients = getAvailablePorts(1);
  readonly #shared = [
    "--register",
    `127.0.0.1:${this.#register}`,
    "--link-heartbeat",
    HEARTBEAT,
  ];

  async startRegister(): Promise<TestProcess> {
    const listen = `127.0.0.1:${this.#register}`;
    return await this.#start("Register", [
      "register",
      "--register-listen",
      listen,
    ]);
  }

  async startGateway(): Promise<TestProcess> {
    return await this.#start("Gateway", [
      "gateway",
      "--alone",
      "--listen",
      `ws://127.0.0.1:${this.#clients}`,
      "--start-port",
      String(getAvailablePorts(1)),
      ...this.#shared,
    ]);
  }

  async startWorker(): Promise<TestProcess> {
    const worker = await this.#start("Worker", [
      "worker",
      "--alone",
      GATED,
      "--handler-timeout",
      "2",
      ...this.#shared,
    ]);
    await worker.errorLines(/Linked to gateway/, 1);
    return worker;
  }

  /** Connects a client and tells its worker its name. */
  async connect(name: string): Promise<TestClient> {
    const url = `ws://127.0.0.1:${this.#clients}`;
    const client = this.stack.use(await TestClient.connect(url));
    client.send(name);
    await client.hear();
    return client;
  }

  async #start(name: string, args: string[]): Promise<TestProcess> {
    const process = this.stack.use(startCli(args));
    await process.line(new RegExp(`^${name} ready`));
    return process;
  }
}

/** Stops processes as a paused machine does, and lets them go on. */
async function standStill(...processes: TestProcess[]): Promise<void> {
  for (const process of processes) process.signal("SIGSTOP");
  await pause(STANDSTILL);
  for (const process of processes) process.signal("SIGCONT");
}

Deno.test("processes that stood still go on with their clients, and lose no close event", async (t) => {
  const cluster = new Cluster();
  await using _all = cluster.stack;
  const register = await cluster.startRegister();
  let gateway = await cluster.startGateway();
  const worker = await cluster.startWorker();
  const other: TestProcess[] = [];

  await t.step(
    "a whole machine that was paused cuts no link, and gives no handler up",
    async () => {
      const client = await cluster.connect("ann");
      client.send("slow");
      client.send("next");
      await worker.line(/^slow begins/);

      await standStill(register, gateway, worker);

      assertEquals(await client.hearAll(2), [
        `${worker.pid} slow`,
        `${worker.pid} next`,
      ]);
      const lost = [...gateway.errors, ...worker.errors].filter((line) =>
        /Lost|still runs/.test(line)
      );
      assertEquals(lost, []);
    },
  );

  await t.step(
    "a gateway that dies later is missed: its clients are closed",
    async () => {
      await cluster.connect("bob");

      gateway.signal("SIGKILL");

      const gone = await worker.lines(/^gone /, 2);
      assertEquals(gone.sort(), ["gone ann 1006", "gone bob 1006"]);
    },
  );

  await t.step(
    "a worker that stood still when a gateway died closes the clients that were its own",
    async () => {
      gateway = await cluster.startGateway();
      await worker.errorLines(/Linked to gateway/, 2);
      await cluster.connect("cyd");

      worker.signal("SIGSTOP");
      gateway.signal("SIGKILL");
      await standStill(worker);

      const gone = await worker.lines(/^gone /, 3);
      assertEquals(gone.at(-1), "gone cyd 1006");
    },
  );

  await t.step(
    "a worker that stood still closes no client that others have closed",
    async () => {
      gateway = await cluster.startGateway();
      await worker.errorLines(/Linked to gateway/, 3);
      await cluster.connect("dan");
      const heir = await cluster.startWorker();
      other.push(heir);

      worker.signal("SIGSTOP");
      await gateway.errorLines(/Lost worker/, 1);
      gateway.signal("SIGKILL");
      const gone = await heir.lines(/^gone /, 1);
      worker.signal("SIGCONT");

      assertEquals(gone, ["gone dan 1006"]);
      await worker.errorLines(/others close its clients/, 1);
      assertEquals(worker.out.filter((line) => line.includes("dan")), []);
    },
  );

  await t.step(
    "a gateway that stood still is not taken for dead, and its clients are not closed",
    async () => {
      gateway = await cluster.startGateway();
      await worker.errorLines(/Linked to gateway/, 4);
      const client = await cluster.connect("eve");

      gateway.signal("SIGSTOP");
      await worker.errorLines(/Lost gateway/, 4);
      gateway.signal("SIGCONT");

      client.send("still here");
      assert(String(await client.hear()).endsWith(" still here"));
      const gone = [worker, ...other].flatMap(({ out }) => out)
        .filter((line) => line.includes("eve"));
      assertEquals(gone, []);
    },
  );
});
