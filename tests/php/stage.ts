import {
  BusinessWorker,
  type BusinessWorkerOptions,
  GatewayClient,
  type Handler,
} from "../../mod.ts";
import { eventually } from "../_support/eventually.ts";
import {
  type PhpGateway,
  type PhpNode,
  startPhpGateway,
  startPhpRegister,
  startPhpWorker,
} from "../_support/php_peers.ts";
import { TestClient } from "../_support/test_client.ts";

/** Everything of the original but the worker. */
export class Stage implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  /** The gateways. */
  readonly gateways: PhpGateway[] = [];
  /** The Register's process. */
  registerNode: PhpNode | undefined;
  /** Where the Register is. */
  register = "";
  /** The key of the original's cluster. */
  readonly secretKey: string;

  private constructor(secretKey: string) {
    this.secretKey = secretKey;
  }

  /** Starts a Register and so many gateways. */
  static async start(gateways = 1, secretKey = ""): Promise<Stage> {
    const stage = new Stage(secretKey);
    const { node, address } = await startPhpRegister({ secretKey });
    stage.registerNode = stage.#stack.use(node);
    stage.register = address;
    for (let each = 0; each < gateways; each++) {
      const gateway = await startPhpGateway({ register: address, secretKey });
      stage.#stack.use(gateway.node);
      stage.gateways.push(gateway);
    }
    return stage;
  }

  /** What nodes of ours are told. */
  get options(): Omit<BusinessWorkerOptions, "handler"> {
    return {
      register: [this.register],
      phpRegisters: [this.register],
      phpGateways: this.gateways.flatMap(({ addresses }) => addresses),
      phpSecretKey: this.secretKey,
      drainTimeout: 2_000,
    };
  }

  /** Starts a worker of ours, and waits until it is linked. */
  async worker(handler: Handler): Promise<BusinessWorker> {
    const worker = this.#stack.use(
      await BusinessWorker.start({ ...this.options, handler }),
    );
    await eventually(
      "the worker is linked to all gateways",
      () => worker.gateways === this.gateways.length,
    );
    return worker;
  }

  /** Starts a worker of the original. */
  async phpWorker(name = "PhpWorker"): Promise<PhpNode> {
    const { register, secretKey } = this;
    const worker = await startPhpWorker({ register, secretKey, name });
    return this.#stack.use(worker);
  }

  /** Joins from outside with ours. */
  async outside(): Promise<GatewayClient> {
    const { register } = this;
    const client = await GatewayClient.connect({ ...this.options, register });
    return this.#stack.use(client);
  }

  /** Connects a client; while a gateway knows no worker, it turns clients away. */
  async client(index = 0, path = "/"): Promise<TestClient> {
    const url = this.gateways[index]?.url ?? "";
    let client: TestClient | undefined;
    await eventually("the gateway lets a client in", async () => {
      client = await TestClient.connect(url + path).catch(() => undefined);
      return client !== undefined;
    });
    return this.#stack.use(client as TestClient);
  }

  /** Ends all of it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
