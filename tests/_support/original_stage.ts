import { Register } from "../../mod.ts";
import { LinePeer } from "./line_peer.ts";
import { FakeOriginal } from "./fake_original.ts";

/** A Register of ours that lists gateways of the original that are played. */
export class ReplayStage implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly gateways: FakeOriginal[] = [];
  readonly secretKey: string;
  #register = "";

  private constructor(secretKey: string) {
    this.secretKey = secretKey;
  }

  /**
   * Starts so many.
   *
   * @param more What their announcements say beside what the original does.
   */
  static async start(
    count: number,
    secretKey: string,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<ReplayStage> {
    const stage = new ReplayStage(secretKey);
    const register = await Register.start({
      listen: "127.0.0.1:0",
      phpPeers: true,
    });
    stage.#stack.use(register);
    stage.#register = register.status().address;
    for (let each = 0; each < count; each++) {
      const gateway = stage.#stack.use(new FakeOriginal());
      const peer = await LinePeer.dial(register.addr);
      const { address } = gateway;
      const event = "gateway_connect";
      await peer.say(JSON.stringify({ event, address, ...more }));
      stage.#stack.defer(() => peer[Symbol.dispose]());
      stage.gateways.push(gateway);
    }
    return stage;
  }

  /** What nodes of ours are told. */
  get options() {
    return {
      register: [this.#register],
      phpGateways: this.gateways.map(({ address }) => address),
      phpSecretKey: this.secretKey,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
