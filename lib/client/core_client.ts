import { Conversation } from "./conversation.ts";
import type { Environment } from "./environment.ts";
import type { ClientEvents, ClientState } from "./events.ts";
import type { ConnectOptions } from "./options.ts";
import type { Frame } from "./session.ts";

/**
 * A connection to a gateway that comes back by itself where it left, without requests
 * and answers.
 */
export class CoreClient {
  /** @ignore */
  protected readonly conversation: Conversation;

  /** Made by `connect`. */
  constructor(url: URL, options: ConnectOptions, environment: Environment) {
    this.conversation = new Conversation(url, options, environment);
  }

  /** Where it stands. */
  get state(): ClientState {
    return this.conversation.state;
  }

  /** What the gateway calls this session; empty before the first welcome. */
  get id(): string {
    return this.conversation.id;
  }

  /** How much is not yet handled, in characters and bytes; see `maxBuffer`. */
  get bufferedAmount(): number {
    return this.conversation.session.size;
  }

  /**
   * Listens.
   *
   * @param name What to.
   * @param listener Called for each.
   * @returns What removes the listener.
   */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
  ): () => void {
    return this.conversation.emitter.on(name, listener);
  }

  /**
   * Sends a message, now or as soon as there is a socket: once, and in order, whatever
   * becomes of sockets. Nobody needs to wait for it.
   *
   * @param data Text, or bytes, which are copied.
   * @returns Resolves when a worker has handled it. Rejects with a
   * {@linkcode CallError} `lost` if the session ended before that was known, and the
   * message is not sent again, and with `closed`.
   * @throws {RangeError} If more than `maxBuffer` would wait.
   * @throws {CallError} `closed` if it is over.
   */
  send(data: string | Uint8Array | ArrayBuffer): Promise<void> {
    return this.post(() =>
      typeof data === "string" ? `m${data}` : binaryFrame(data)
    );
  }

  /** Ends the session. The gateway is told, if there is a socket. */
  close(): void {
    this.conversation.finish(1000, "");
  }

  /** @ignore Sends a counted frame; resolves when it is handled. */
  protected post(make: () => Frame): Promise<void> {
    let [resolve, reject] = [() => {}, (_reason: unknown) => {}];
    const handled = new Promise<void>((...settlers) => {
      [resolve, reject] = settlers;
    });
    // Nobody must wait for it.
    handled.catch(() => {});
    this.conversation.post(make, (error) => error ? reject(error) : resolve());
    return handled;
  }
}

/** @ignore The frame of a binary message. */
export function binaryFrame(
  data: Uint8Array | ArrayBuffer,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(data.byteLength + 1);
  frame[0] = 1;
  frame.set(data instanceof Uint8Array ? data : new Uint8Array(data), 1);
  return frame;
}
