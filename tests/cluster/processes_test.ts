import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  getAvailablePorts,
  startCli,
  type TestProcess,
} from "../_support/processes.ts";
import { TestClient } from "../_support/test_client.ts";

const CROWD = import.meta.resolve("../_support/handlers/crowd.ts");
const MOURNER = import.meta.resolve("../_support/handlers/mourner.ts");

/** Longer than it takes until a second worker knows of a client, and the Register is believed. */
const WITNESS_TIME = 6_000;

/** The processes of a cluster, started one by one; all end with the stack. */
class Cluster {
  readonly stack = new AsyncDisposableStack();
  readonly registerPort = getAvailablePorts(1);
  readonly clientPorts: number[] = [];
  readonly #register = ["--register", `127.0.0.1:${this.registerPort}`];

  async startRegister(): Promise<TestProcess> {
    const listen = `127.0.0.1:${this.registerPort}`;
    return await this.#start("Register", [
      "register",
      "--register-listen",
      listen,
    ]);
  }

  async startGateway(): Promise<TestProcess> {
    const port = getAvailablePorts(1);
    this.clientPorts.push(port);
    return await this.#start("Gateway", [
      "gateway",
      "--alone",
      "--listen",
      `ws://127.0.0.1:${port}`,
      "--start-port",
      String(getAvailablePorts(1)),
      ...this.#register,
    ]);
  }

  async startWorker(handler = CROWD): Promise<TestProcess> {
    const args = ["worker", "--alone", handler, ...this.#register];
    const worker = await this.#start("Worker", args);
    await worker.errorLines(/Linked to gateway/, this.clientPorts.length);
    return worker;
  }

  /** Connects a client and waits until a worker has let it into the group. */
  async connect(gateway: number): Promise<TestClient> {
    const url = `ws://127.0.0.1:${this.clientPorts[gateway]}`;
    const client = this.stack.use(await TestClient.connect(url));
    await client.hear();
    return client;
  }

  /** Connects a client and tells its worker its name; returns the worker's process id. */
  async introduce(name: string): Promise<string> {
    const url = `ws://127.0.0.1:${this.clientPorts[0]}`;
    const client = this.stack.use(await TestClient.connect(url));
    client.send(name);
    return String(await client.hear());
  }

  async #start(name: string, args: string[]): Promise<TestProcess> {
    const process = this.stack.use(startCli(args));
    await process.line(new RegExp(`^${name} ready`));
    return process;
  }
}

/** Asks a client's worker for its process id. */
async function workerOf(client: TestClient): Promise<string> {
  client.send("who");
  return String(await client.hear());
}

/** Sends to the group from one client, and checks that each of all hears just that. */
async function speak(
  clients: readonly TestClient[],
  speaker: number,
  text: string,
): Promise<void> {
  clients[speaker]?.send(text);
  const heard = await Promise.all(clients.map((client) => client.hear()));
  assertEquals(heard, clients.map(() => text));
}

Deno.test("a register, two gateways and three workers serve a group, whoever comes and goes", async (t) => {
  const cluster = new Cluster();
  await using _all = cluster.stack;
  let register = await cluster.startRegister();
  await cluster.startGateway();
  await cluster.startGateway();
  const workers = [
    await cluster.startWorker(),
    await cluster.startWorker(),
    await cluster.startWorker(),
  ];
  const clients: TestClient[] = [];
  for (const gateway of [0, 1, 0, 1, 0, 1]) {
    clients.push(await cluster.connect(gateway));
  }

  await t.step("a message reaches the members on both gateways", async () => {
    await speak(clients, 0, "from the first gateway");
    await speak(clients, 1, "from the second gateway");
  });

  await t.step("a worker that is added gets the next clients", async () => {
    const added = await cluster.startWorker();
    workers.push(added);
    const client = await cluster.connect(0);
    clients.push(client);

    assertEquals(await workerOf(client), `pid ${added.pid}`);
  });

  await t.step(
    "a worker that is stopped costs no client its connection",
    async () => {
      const [first] = clients;
      assert(first);
      const before = await workerOf(first);
      const leaving = workers.find(({ pid }) => before === `pid ${pid}`);

      leaving?.signal("SIGTERM");

      assertEquals(await leaving?.code(), 0);
      await speak(clients, 0, "still here");
      assertNotEquals(await workerOf(first), before);
    },
  );

  await t.step(
    "a worker that is killed costs no client its connection",
    async () => {
      const [, second] = clients;
      assert(second);
      const before = await workerOf(second);
      const victim = workers.find(({ pid }) => before === `pid ${pid}`);

      victim?.signal("SIGKILL");
      await victim?.code();

      await speak(clients, 1, "still here, too");
      assertNotEquals(await workerOf(second), before);
    },
  );

  await t.step("clients notice nothing of a register that dies", async () => {
    register.signal("SIGKILL");
    await register.code();

    await speak(clients, 2, "without a register");
  });

  await t.step(
    "nor of one that comes back, which new workers find",
    async () => {
      register = await cluster.startRegister();
      await register.errorLines(/Gateway .* joined/, 2);
      const late = await cluster.startWorker();
      const client = await cluster.connect(1);
      clients.push(client);

      await speak(clients, 3, "with a new register");
      assertEquals(await workerOf(client), `pid ${late.pid}`);
    },
  );
});

Deno.test("a gateway and a worker that are lost together leave no client without its close event", async () => {
  const cluster = new Cluster();
  await using _all = cluster.stack;
  await cluster.startRegister();
  const gateway = await cluster.startGateway();
  const [first, second] = [
    await cluster.startWorker(MOURNER),
    await cluster.startWorker(MOURNER),
  ];
  const names = ["ann", "bob", "cyd", "dan"];
  const workers: string[] = [];
  for (const name of names) workers.push(await cluster.introduce(name));
  assertEquals(
    new Set(workers),
    new Set([`pid ${first.pid}`, `pid ${second.pid}`]),
  );
  await new Promise((resolve) => setTimeout(resolve, WITNESS_TIME));

  gateway.signal("SIGKILL");
  first.signal("SIGKILL");

  const gone = await second.lines(/^gone /, names.length);
  assertEquals(gone.sort(), names.map((name) => `gone ${name} 1006`));
});
