import { joined } from "../../lib/base/joined.ts";
import {
  isHelloOfGateway,
  type LinkFrame,
  LinkFrameReader,
  nameInHello,
  type Saboteur,
} from "./link_frames.ts";

/** Bytes read at a time. */
const READ_LENGTH = 64 * 1024;

/** Where bytes wait while the proxy holds them, or makes them late. */
interface Gate {
  /** Resolves when bytes may pass. */
  readonly open: Promise<void>;
  /** Lets them pass. */
  release(): void;
}

/** One link that goes through the proxy. */
class ProxiedLink {
  readonly #worker: Deno.TcpConn;
  readonly #gateway: Deno.TcpConn;
  readonly #proxy: LinkProxy;
  readonly #finished: Promise<unknown>;
  /** The name of the worker, when it has said it. */
  workerName = "";
  /** Whether its bytes were held: it must not go on after that. */
  wasHeld = false;
  #isOfGateway = false;
  /** Whether it ends when what is on its way has been passed on. */
  #isOver = false;

  constructor(worker: Deno.TcpConn, gateway: Deno.TcpConn, proxy: LinkProxy) {
    this.#worker = worker;
    this.#gateway = gateway;
    this.#proxy = proxy;
    worker.setNoDelay(true);
    gateway.setNoDelay(true);
    this.#finished = Promise.all([this.#up(), this.#down()]);
  }

  /** Resolves when both directions are over. */
  get finished(): Promise<unknown> {
    return this.#finished;
  }

  /** Ends it in both directions. */
  cut(): void {
    closeQuietly(this.#worker);
    closeQuietly(this.#gateway);
  }

  /** From the worker to the gateway. */
  async #up(): Promise<void> {
    const reader = new LinkFrameReader();
    await this.#pump(this.#worker, this.#gateway, (bytes) => {
      if (this.#isOfGateway) return this.#passClaims(reader.push(bytes));
      if (this.workerName === "") {
        for (const frame of reader.push(bytes)) {
          this.workerName ||= nameInHello(frame) ?? "";
          this.#isOfGateway ||= isHelloOfGateway(frame);
        }
      }
      return bytes;
    });
  }

  /** Frames between gateways, as far as they get. */
  #passClaims(frames: readonly LinkFrame[]): Uint8Array {
    const passed: Uint8Array[] = [];
    for (const frame of frames) {
      const cut = this.#proxy.cutter?.(frame);
      if (cut !== "before") passed.push(frame.bytes);
      if (cut === undefined) continue;
      this.#isOver = true;
      break;
    }
    return joined(passed);
  }

  /** From the gateway to the worker. */
  async #down(): Promise<void> {
    const reader = new LinkFrameReader();
    await this.#pump(this.#gateway, this.#worker, (bytes) => {
      const { saboteur } = this.#proxy;
      if (this.#isOfGateway) return this.#passClaims(reader.push(bytes));
      if (saboteur === undefined) return bytes;
      const frames = reader.push(bytes).flatMap((each) => saboteur.pass(each));
      return joined(frames.map((frame) => frame.bytes));
    });
  }

  async #pump(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    change: (bytes: Uint8Array) => Uint8Array,
  ): Promise<void> {
    const buffer = new Uint8Array(READ_LENGTH);
    try {
      while (true) {
        const count = await from.read(buffer);
        if (count === null) break;
        const bytes = change(buffer.subarray(0, count));
        await this.#proxy.gate?.open;
        if (this.wasHeld) break;
        await this.#proxy.beLate();
        for (let at = 0; at < bytes.length;) {
          at += await to.write(bytes.subarray(at));
        }
        if (this.#isOver) break;
      }
    } catch {
      // One of the two is gone: so is the link.
    }
    this.cut();
  }
}

/** Stands between workers and one gateway, and does what networks do. */
export class LinkProxy implements AsyncDisposable {
  readonly #target: Deno.ConnectOptions;
  readonly #links = new Set<ProxiedLink>();
  readonly #timers = new Map<ReturnType<typeof setTimeout>, () => void>();
  #listener: Deno.TcpListener | undefined;
  #accepting: Promise<void> = Promise.resolve();
  #delay = 0;
  /** Where bytes wait while they are held. */
  gate: Gate | undefined;
  /** Spoils frames. */
  saboteur: Saboteur | undefined;
  /** Ends links between gateways before or after a frame. */
  cutter: ((frame: LinkFrame) => "before" | "after" | undefined) | undefined;
  /** Where workers dial. */
  readonly port: number;

  /**
   * Listens at 127.0.0.1.
   *
   * @param targetHostname Where the gateway listens, on the same port.
   */
  constructor(targetHostname: string) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#target = { hostname: targetHostname, port: this.port };
    this.#accepting = this.#accept(this.#listener);
  }

  /** Names of the workers that are linked. */
  get workerNames(): string[] {
    return [...this.#links].map(({ workerName }) => workerName);
  }

  /** Whether it swallows bytes. */
  get isHeld(): boolean {
    return this.gate !== undefined;
  }

  /** Refuses links, as the port of a process that is gone does. */
  async down(): Promise<void> {
    this.#listener?.close();
    this.#listener = undefined;
    await this.#accepting;
  }

  /** Takes links again. */
  up(): void {
    if (this.#listener !== undefined) return;
    const { port } = this;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.#accepting = this.#accept(this.#listener);
  }

  /** Ends links: those of one worker, or all. */
  cut(workerName?: string): void {
    for (const link of this.#links) {
      if (workerName === undefined || link.workerName === workerName) {
        link.cut();
      }
    }
  }

  /** Swallows all bytes from now on, while links look alive. */
  hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gate ??= { open: promise, release: resolve };
    for (const link of this.#links) link.wasHeld = true;
  }

  /** Lets bytes pass again; links that were held have lost some, and end. */
  heal(): void {
    const held = [...this.#links].filter(({ wasHeld }) => wasHeld);
    for (const link of held) link.cut();
    this.gate?.release();
    this.gate = undefined;
    this.late(0);
  }

  /** Makes every piece of bytes late by so many milliseconds. */
  late(delay: number): void {
    this.#delay = delay;
    if (delay > 0) return;
    for (const [timer, resolve] of this.#timers) {
      clearTimeout(timer);
      resolve();
    }
    this.#timers.clear();
  }

  /** Resolves when bytes have waited long enough. */
  beLate(): Promise<void> | undefined {
    if (this.#delay === 0) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      resolve();
    }, this.#delay);
    this.#timers.set(timer, resolve);
    return promise;
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    this.heal();
    this.cut();
    await Promise.all([...this.#links].map(({ finished }) => finished));
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    for await (const worker of listener) await this.#link(worker);
  }

  async #link(worker: Deno.TcpConn): Promise<void> {
    try {
      const gateway = await Deno.connect(this.#target);
      const link = new ProxiedLink(worker, gateway, this);
      link.wasHeld = this.gate !== undefined;
      this.#links.add(link);
      void link.finished.finally(() => this.#links.delete(link));
    } catch {
      // Nobody listens there: the worker finds out by this.
      closeQuietly(worker);
    }
  }
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
