import { assertEquals, assertRejects } from "@std/assert";
import {
  BusinessWorker,
  Gateway,
  GatewayClient,
  Register,
} from "../../../mod.ts";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import type { TestClient } from "../../_support/test_client.ts";

const OLD = "the secret of last year";
const NEW = "the secret of this year";
const BOTH = [NEW, OLD];

/** A client that always has a message under way, and checks what comes back. */
class Talker {
  readonly #client: TestClient;
  readonly #done: Promise<void>;
  #isTalking = true;
  /** Messages that came back. */
  count = 0;

  constructor(client: TestClient) {
    this.#client = client;
    this.#done = this.#talk();
  }

  async stop(): Promise<void> {
    this.#isTalking = false;
    await this.#done;
  }

  async #talk(): Promise<void> {
    while (this.#isTalking) {
      const text = `message ${this.count}`;
      this.#client.send(text);
      assertEquals(await this.#client.hear(), text);
      this.count++;
    }
  }
}

Deno.test("two secrets are rotated through a cluster under load, and no client notices", async () => {
  const handler: BusinessWorker["handler"] = (event) =>
    event.type === "message" ? event.text() : undefined;
  await using cluster = await startCluster({
    handler,
    gateways: 2,
    workers: 2,
    secretKey: OLD,
  });
  const talkers: Talker[] = [];
  for (const gateway of [...cluster.gateways, ...cluster.gateways]) {
    talkers.push(new Talker(await cluster.connect(gateway)));
  }
  const progress = async () => {
    const before = talkers.map(({ count }) => count);
    await eventually(
      "every client is served on",
      () => talkers.every(({ count }, i) => count > (before[i] ?? 0) + 10),
    );
  };
  const roles = () => [
    cluster.register,
    ...cluster.gateways,
    ...cluster.workers,
  ];
  const join = async (secretKey: string | readonly string[]) => {
    const worker = await BusinessWorker.start({
      handler,
      register: cluster.registers,
      secretKey,
      drainTimeout: 500,
    });
    cluster.workers.push(worker);
    await worker.joined();
    return worker;
  };
  await progress();

  // One node after another accepts the new secret; in between, nodes differ.
  for (const role of roles()) {
    await role.renewTrust(BOTH);
    await (await join(OLD)).shutdown();
  }
  await progress();
  // One node after another forgets the old one; replaced workers know only the new.
  for (const role of roles()) await role.renewTrust(NEW);
  const worker = await join(NEW);
  await cluster.workers[0]?.shutdown();
  await progress();

  assertEquals(worker.gateways, 2);
  await assertRejects(() =>
    GatewayClient.connect({
      register: cluster.registers,
      secretKey: OLD,
      connectTimeout: 200,
    })
  );
  for (const talker of talkers) await talker.stop();
  for (const { ledger } of cluster.gateways) {
    assertEquals([ledger.redelivered, ledger.poisoned, ledger.expired], [
      0,
      0,
      0,
    ]);
  }
});

Deno.test("secrets come from a file, one a line, and are read again by a renewal", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, `${OLD}\n`);
    await using register = await Register.start({
      listen: "127.0.0.1:0",
      secretKeyFile: file,
    });
    const connect = async (secretKey: string) => {
      await using worker = await BusinessWorker.start({
        handler: () => {},
        register: [register.status().address],
        secretKey,
      });
      await worker.joined();
    };
    await connect(OLD);

    await Deno.writeTextFile(file, `${NEW}\r\n\n${OLD}\n`);
    await register.renewTrust();
    await connect(OLD);
    await connect(NEW);

    await Deno.writeTextFile(file, "\n");
    await assertRejects(() => register.renewTrust(), TypeError, "it is empty");
    await connect(NEW);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a node that runs with a secret cannot lose its last one", async () => {
  await using register = await Register.start({
    listen: "127.0.0.1:0",
    secretKey: OLD,
  });

  await assertRejects(
    () => register.renewTrust([]),
    TypeError,
    "must keep one",
  );
});

Deno.test("more than four secrets at a time are refused", async () => {
  await assertRejects(
    () =>
      Gateway.start({
        listen: ["ws://127.0.0.1:0"],
        startPort: 0,
        secretKey: ["1", "2", "3", "4", "5"],
      }),
    RangeError,
    "5 were given",
  );
});
