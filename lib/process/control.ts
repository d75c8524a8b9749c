/**
 * Orders from another terminal, over a socket in the runtime directory. One
 * connection, one order, lines of JSON: the order first; then any number of
 * `{ "line": … }` for people; at last `{ "result": … }` or `{ "error": … }`.
 *
 * @module
 */
import { closeQuietly } from "../base/close_quietly.ts";
import { writeWhole } from "../base/write_whole.ts";
import { messageOf } from "../base/errors.ts";
import { endsWithin } from "../base/pause.ts";
import { parseObject } from "./channel.ts";
import { linesOf } from "./lines.ts";
import { type RuntimeDir, RuntimeDirError } from "./runtime_dir.ts";

/** What can be ordered. */
export type ControlOrder =
  /** Whatever the process can be asked. */
  | { readonly order: "ask"; readonly question: unknown }
  /** Replace the workers one after another, or the gateways. */
  | {
    readonly order: "reload";
    readonly gateways: boolean;
    readonly by: string;
  }
  /** Send clients away, or some of them to other gateways. */
  | DrainOrder
  /** Show frames of some clients until whoever gave the order has left. */
  | { readonly order: "tap"; readonly tap: unknown; readonly by: string }
  /** Stop, gracefully or at once. */
  | { readonly order: "stop"; readonly now: boolean; readonly by: string };

/** Clients are to leave. */
export interface DrainOrder {
  /** Says that it is this. */
  readonly order: "drain";
  /** Clients a second of all gateways together; as they are set if left out. */
  readonly rate?: number;
  /** Which part of them is to connect anew; if left out, all are sent away. */
  readonly share?: number;
  /** Whether it is taken back: clients stay, and others are let in again. */
  readonly cancel?: boolean;
  /** Who wants it, as they say themselves. */
  readonly by: string;
}

/** In place of a result: whoever gave the order hears of the end of this process. */
export const UNTIL_THE_END: unique symbol = Symbol("until the end");

/** What is known of whoever gave an order. */
export interface Orderer {
  /** Says how it goes; resolves when that is written, or whoever gave the order has left. */
  readonly say: (line: string) => Promise<void>;
  /** Aborts when whoever ordered a tap has left; of other orders nobody looks. */
  readonly gone: AbortSignal;
}

/** Does what is ordered; the result goes back. Says how it goes meanwhile. */
export type ControlHandler = (
  order: ControlOrder,
  say: Orderer["say"],
  gone: AbortSignal,
) => unknown;

/** Longest order, in bytes. */
const MAX_ORDER = 65_536;

/** How long an order may take to come, in milliseconds. */
const ORDER_TIMEOUT = 5_000;

/** Longest name of who gives an order, in characters. */
const MAX_WHO = 128;

/** Longest line of an answer, in characters. */
const MAX_ANSWER = 67_108_864;

/** How long the answer to a question may take, in milliseconds. */
const ANSWER_TIMEOUT = 10_000;

/** How long the end waits for what is being done, in milliseconds. */
const END_TIMEOUT = 2_000;

const encoder = new TextEncoder();

/** Takes orders until disposed. */
export class ControlServer implements AsyncDisposable {
  readonly #dir: RuntimeDir;
  readonly #name: string;
  readonly #listener: Deno.UnixListener;
  readonly #handler: ControlHandler;
  readonly #conns = new Map<Deno.Conn, Promise<void>>();
  readonly #accepting: Promise<void>;

  private constructor(
    dir: RuntimeDir,
    name: string,
    listener: Deno.UnixListener,
    handler: ControlHandler,
  ) {
    this.#dir = dir;
    this.#name = name;
    this.#listener = listener;
    this.#handler = handler;
    this.#accepting = this.#accept();
  }

  /**
   * Begins to take orders.
   *
   * @param dir The runtime directory; made if it is not there.
   * @param name Under which name.
   * @param handler Does what is ordered.
   * @throws {RuntimeDirError} If the directory cannot be used, or somebody runs
   * under that name.
   */
  static async open(
    dir: RuntimeDir,
    name: string,
    handler: ControlHandler,
  ): Promise<ControlServer> {
    dir.create();
    return await dir.alone(async () => {
      if (await probe(dir, name) === "alive") {
        throw new RuntimeDirError(
          `Cannot run "${name}" as it already runs (pid ${
            dir.pid(name)
          }) in ${dir.path}: stop it first, or use another --runtime-dir`,
        );
      }
      dir.remove(name);
      const path = dir.socketPath(name);
      const listener = Deno.listen({ transport: "unix", path });
      await Deno.chmod(path, 0o600);
      await Deno.writeTextFile(dir.pidPath(name), `${Deno.pid}\n`);
      return new ControlServer(dir, name, listener, handler);
    });
  }

  /** Takes no more orders; those that are being done are told of the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.#accepting;
    for (const conn of this.#conns.keys()) closeQuietly(conn);
    await endsWithin(Promise.all(this.#conns.values()), END_TIMEOUT);
  }

  /** Alone, lest the socket of somebody who takes the place is removed. */
  async #close(): Promise<void> {
    try {
      await this.#dir.alone(() => {
        this.#listener.close();
        this.#dir.remove(this.#name);
        this.#dir.tidy();
      });
    } catch (error) {
      if (!(error instanceof RuntimeDirError)) throw error;
      // The folder is gone, or somebody holds it: who comes next clears it away.
      closeQuietly(this.#listener);
    }
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) {
      const served = this.#serve(conn).finally(() => this.#conns.delete(conn));
      this.#conns.set(conn, served);
    }
  }

  /** Never rejects: whoever gave the order may have left. */
  async #serve(conn: Deno.Conn): Promise<void> {
    let last = true;
    let writing = Promise.resolve();
    const write = (value: unknown) => {
      const line = encoder.encode(`${JSON.stringify(value)}\n`);
      // Whoever gave the order has left: what was ordered goes on all the same.
      writing = writing.then(() => writeWhole(conn, line)).catch(() => {});
      return writing;
    };
    try {
      const order = decodeOrder(await readOrder(conn));
      const gone = order.order === "tap" ? untilGone(conn) : NEVER;
      const result = await this.#handler(
        order,
        (line) => write({ line }),
        gone,
      );
      if (result === UNTIL_THE_END) last = false;
      else await write({ result: result ?? null });
    } catch (error) {
      await write({ error: messageOf(error) });
    } finally {
      // One that stays open is closed by the system, when this process is gone.
      if (last) closeQuietly(conn);
    }
  }
}

/** How it is with a socket; one of which that cannot be told counts as alive. */
async function probe(
  dir: RuntimeDir,
  name: string,
): Promise<"alive" | "dead" | "missing"> {
  try {
    const path = dir.socketPath(name);
    using _conn = await Deno.connect({ transport: "unix", path });
    return "alive";
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return "dead";
    return error instanceof Deno.errors.NotFound ? "missing" : "alive";
  }
}

/** Whether somebody takes orders under a name; what is dead is removed. */
export async function isAlive(dir: RuntimeDir, name: string): Promise<boolean> {
  if (await probe(dir, name) === "alive") return true;
  return await dir.alone(async () => {
    if (await probe(dir, name) === "alive") return true;
    dir.remove(name);
    return false;
  });
}

/**
 * Gives an order.
 *
 * @param to Who is to do it, in which runtime directory.
 * @param order What.
 * @param say Takes lines about how it goes.
 * @returns The result; `undefined` if the process ended before it gave one.
 * @throws {RuntimeDirError} If it could not be done.
 */
export async function giveOrder(
  { dir, name }: { readonly dir: RuntimeDir; readonly name: string },
  order: ControlOrder,
  say: (line: string) => void = () => {},
): Promise<unknown> {
  const path = dir.socketPath(name);
  using conn = await Deno.connect({ transport: "unix", path });
  await writeWhole(conn, encoder.encode(`${JSON.stringify(order)}\n`));
  // What is done may take its time; an answer is there or not.
  const timer = order.order === "ask"
    ? setTimeout(() => closeQuietly(conn), ANSWER_TIMEOUT)
    : undefined;
  try {
    for await (const text of linesOf(conn.readable.getReader(), MAX_ANSWER)) {
      const { line, result, error } = parseObject(text);
      if (typeof line === "string") say(line);
      else if (typeof error === "string") throw new RuntimeDirError(error);
      else if (result !== undefined) return result;
    }
  } catch (error) {
    // A process that is ended at once resets the connection: its end, too.
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  } finally {
    clearTimeout(timer);
  }
  return undefined;
}

/** Nobody looks whether whoever gave the order is still there. */
const NEVER: AbortSignal = new AbortController().signal;

/** Aborts when the other side closes; what it says until then is for nobody. */
function untilGone(conn: Deno.Conn): AbortSignal {
  const gone = new AbortController();
  const listen = async () => {
    const buffer = new Uint8Array(64);
    while (await conn.read(buffer) !== null);
  };
  // However it ends.
  void listen().catch(() => {}).finally(() => gone.abort());
  return gone.signal;
}

async function readOrder(conn: Deno.Conn): Promise<string> {
  const timer = setTimeout(() => closeQuietly(conn), ORDER_TIMEOUT);
  const buffer = new Uint8Array(MAX_ORDER);
  try {
    for (let filled = 0; filled < MAX_ORDER;) {
      const count = await conn.read(buffer.subarray(filled));
      if (count === null) break;
      filled += count;
      const end = buffer.subarray(0, filled).indexOf(0x0a);
      if (end !== -1) return new TextDecoder().decode(buffer.subarray(0, end));
    }
  } finally {
    clearTimeout(timer);
  }
  throw new RuntimeDirError("Cannot read the order: it has no end");
}

function decodeOrder(text: string): ControlOrder {
  const { order, question, now, gateways, ...rest } = parseObject(text);
  const by = whoOf(rest.by);
  switch (order) {
    case "ask":
      return { order, question };
    case "reload":
      return { order, gateways: gateways === true, by };
    case "drain":
      return { order, ...amountsOf(rest), by };
    case "stop":
      return { order, now: now === true, by };
    case "tap":
      return { order, tap: rest.tap, by };
    default:
      throw new RuntimeDirError(`Cannot do "${order}": there is no such order`);
  }
}

function amountsOf(
  { rate, share, cancel }: Record<string, unknown>,
): Pick<DrainOrder, "rate" | "share" | "cancel"> {
  return {
    ...(typeof rate === "number" && { rate }),
    ...(typeof share === "number" && { share }),
    ...(cancel === true && { cancel }),
  };
}

/** Only who may open the socket can say so, and it is for people to read. */
function whoOf(by: unknown): string {
  return typeof by === "string" && by !== ""
    ? by.slice(0, MAX_WHO)
    : "somebody";
}
