import {
  type Client,
  connect,
  type ConnectOptions,
} from "../../../lib/client/mod.ts";
import type { Gateway } from "../../../mod.ts";
import { eventually } from "../../_support/eventually.ts";
import { LinkProxy } from "../../_support/link_proxy.ts";

/** A client, its cable, and what it was told. */
export class TestLine implements Disposable {
  readonly cable: LinkProxy;
  readonly socket: Client;
  /** Messages and events, in the order they came. */
  readonly told: unknown[] = [];

  constructor(gateway: Gateway, options: ConnectOptions = {}) {
    this.cable = new LinkProxy(`127.0.0.1:${gateway.addr.port}`);
    this.socket = connect(`ws://${this.cable.address}`, options);
    this.socket.on("message", (message) => this.told.push(message));
    for (const name of ["back", "fresh", "gap", "closed", "error"] as const) {
      this.socket.on(name, (event) => this.told.push({ [name]: event }));
    }
  }

  /** Waits until it is open. */
  opened(): Promise<void> {
    return eventually("it is open", () => this.socket.state === "open");
  }

  /** Waits until it was told so much. */
  async hear(count: number): Promise<unknown[]> {
    await eventually("it hears", () => this.told.length >= count);
    return this.told;
  }

  [Symbol.dispose](): void {
    this.socket.close();
    this.cable[Symbol.dispose]();
  }
}
