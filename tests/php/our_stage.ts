import {
  BusinessWorker,
  Gateway,
  type GatewayOptions,
  type Handler,
  Register,
} from "../../mod.ts";
import { eventually } from "../_support/eventually.ts";
import {
  PhpGatewayClient,
  type PhpNode,
  startPhpWorker,
} from "../_support/php_peers.ts";
import { TestClient } from "../_support/test_client.ts";

/** A Register and gateways of ours that take nodes of the original. */
export class OurStage implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #options: GatewayOptions;
  readonly secretKey: string;
  /** Where the Register is. */
  register = "";
  /** The gateways. */
  readonly gateways: Gateway[] = [];

  private constructor(options: GatewayOptions, secretKey: string) {
    this.#options = options;
    this.secretKey = secretKey;
  }

  /** Starts a Register and a gateway. */
  static async start(
    options: GatewayOptions = {},
    secretKey = "",
  ): Promise<OurStage> {
    const stage = new OurStage(options, secretKey);
    const register = await Register.start({
      listen: "127.0.0.1:0",
      phpPeers: true,
      phpSecretKey: secretKey,
    });
    stage.#stack.use(register);
    stage.register = register.status().address;
    await stage.addGateway();
    return stage;
  }

  /** The first gateway. */
  get gateway(): Gateway {
    const [gateway] = this.gateways;
    if (gateway === undefined) throw new RangeError("There is no gateway");
    return gateway;
  }

  /** Starts one more gateway. */
  async addGateway(more: GatewayOptions = {}): Promise<Gateway> {
    const gateway = this.#stack.use(
      await Gateway.start({
        listen: ["ws://127.0.0.1:0"],
        startPort: 0,
        register: [this.register, ...this.#options.phpRegisters ?? []],
        phpPeers: true,
        phpSecretKey: this.secretKey,
        ...this.#options,
        ...more,
      }),
    );
    this.gateways.push(gateway);
    return gateway;
  }

  /** Starts a worker of the original, and waits until the gateways know it. */
  async phpWorker(
    options: { name?: string; events?: string; register?: string } = {},
  ): Promise<PhpNode> {
    const before = this.#workers();
    const { register, secretKey } = this;
    const worker = this.#stack.use(
      await startPhpWorker({ register, secretKey, ...options }),
    );
    const { length } = this.gateways;
    await eventually(
      "the gateways know the worker of the original",
      () => this.#workers() >= before + length,
    );
    return worker;
  }

  /** Starts a worker of ours, and waits until it is linked. */
  async worker(handler: Handler): Promise<BusinessWorker> {
    const worker = this.#stack.use(
      await BusinessWorker.start({
        handler,
        register: [this.register],
        drainTimeout: 2_000,
      }),
    );
    await eventually(
      "the worker is linked",
      () => worker.gateways === this.gateways.length,
    );
    return worker;
  }

  /** Starts the original's GatewayClient. */
  outside(persistent = false): PhpGatewayClient {
    const { register, secretKey } = this;
    return this.#stack.use(
      new PhpGatewayClient({ register, secretKey, persistent }),
    );
  }

  /** Connects a client. */
  async client(path = "/", gateway = this.gateway): Promise<TestClient> {
    const { port } = gateway.addr;
    return this.#stack.use(
      await TestClient.connect(`ws://127.0.0.1:${port}${path}`),
    );
  }

  /** Ends all of it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  #workers(): number {
    return this.gateways.reduce((sum, { workers }) => sum + workers, 0);
  }
}
