import { endsWithin } from "../../../lib/base/pause.ts";

/** Milliseconds that a client has for what it must do, unless a case says otherwise. */
const PATIENCE = 5_000;

/** A rule that a client broke. */
export class BrokenRule extends Error {
  override name = "BrokenRule";
}

/** Checks that a client keeps a rule. */
export function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new BrokenRule(rule);
}

/** Values that are waited for. */
class Queue<Value> {
  readonly values: Value[] = [];
  #wake = () => {};

  push(value: Value): void {
    this.values.push(value);
    this.#wake();
  }

  /** Waits for the next one; `undefined` if none comes in time. */
  async next(ms: number): Promise<Value | undefined> {
    if (this.values.length === 0) {
      let timer;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
    }
    return this.values.shift();
  }
}

/** What a client says first. */
export interface Hello {
  readonly t: string;
  readonly r: number;
  readonly a?: unknown;
}

/** The gateway's end of one socket of the client under test. */
export class FarEnd {
  readonly #socket: WebSocket;
  readonly #frames = new Queue<string | Uint8Array>();
  /** The sub-protocols that it offered. */
  readonly offered: string;
  /** Counted frames that the client has, or that are on their way to it. */
  sent = 0;
  #closed = Promise.withResolvers<void>();

  constructor(socket: WebSocket, offered: string) {
    this.#socket = socket;
    this.offered = offered;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) =>
      this.#frames.push(typeof data === "string" ? data : new Uint8Array(data));
    socket.onclose = () => this.#closed.resolve();
    socket.onerror = () => {};
  }

  /** Whether it is open. */
  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends frames. */
  send(...frames: (string | Uint8Array<ArrayBuffer>)[]): void {
    for (const frame of frames) {
      if (!this.isOpen) return;
      this.#socket.send(frame);
      this.sent += countOf(frame);
    }
  }

  /** Closes it, and has the client come back at once. */
  leave(): void {
    this.send('x{"after":0}');
    this.close();
  }

  /** Closes it. */
  close(code = 4012): void {
    this.#socket.close(code);
  }

  /** Waits until the client has closed it. */
  async ended(ms = PATIENCE): Promise<boolean> {
    return await endsWithin(this.#closed.promise, ms);
  }

  /** Waits for any frame. */
  async any(ms = PATIENCE): Promise<string | Uint8Array | undefined> {
    return await this.#frames.next(ms);
  }

  /** Waits for a frame that is no acknowledgement; pings are answered. */
  async next(ms = PATIENCE): Promise<string | Uint8Array | undefined> {
    while (true) {
      const frame = await this.any(ms);
      if (typeof frame === "string" && frame[0] === "p") {
        this.send(`p${this.sent}`);
      } else if (typeof frame !== "string" || frame[0] !== "a") return frame;
    }
  }

  /** Waits for the hello. */
  async hello(): Promise<Hello> {
    const frame = await this.any();
    must(
      typeof frame === "string" && frame[0] === "h",
      `the first frame is a hello: it is ${JSON.stringify(frame)}`,
    );
    const hello: Hello = JSON.parse(frame.slice(1));
    must(typeof hello.t === "string", 'a hello has "t", a string');
    must(Number.isInteger(hello.r) && hello.r >= 0, 'a hello has "r", a count');
    this.sent = hello.r;
    return hello;
  }

  /** Waits for a text frame, and checks that it is this. */
  async expect(frame: string, ms = PATIENCE): Promise<void> {
    const got = await this.next(ms);
    must(
      got === frame,
      `comes ${JSON.stringify(frame)}: it is ${JSON.stringify(got)}`,
    );
  }

  /** Checks that the client counts as we do. */
  async count(count: number): Promise<void> {
    this.send(`p${count}`);
    while (true) {
      const frame = await this.any();
      must(frame !== undefined, `"p${count}" is answered`);
      if (frame === `a${count}`) return;
      const isOld = typeof frame === "string" && frame[0] === "a" &&
        Number(frame.slice(1)) < count;
      must(isOld, `"p${count}" is answered by "a${count}": it is ${frame}`);
    }
  }
}

/** For how many counted frames one stands. */
function countOf(frame: string | Uint8Array): number {
  if (typeof frame !== "string" || /^[mqresk]/.test(frame)) return 1;
  return frame[0] === "g" ? Number(frame.slice(1)) : 0;
}

/** Where the client under test connects. */
export class Stage implements AsyncDisposable {
  readonly #arrivals = new Queue<FarEnd>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #ends = new Set<FarEnd>();
  #tokens = 0;
  /** How many connections to turn away before the upgrade. */
  refuse = 0;

  /** @param port Where to listen; 0 is any. */
  constructor(hostname = "127.0.0.1", port = 0) {
    this.#server = Deno.serve(
      { hostname, port, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** Where it listens. */
  get url(): string {
    const { hostname, port } = this.#server.addr;
    return `ws://${hostname}:${port}`;
  }

  #answer(request: Request): Response {
    if (request.headers.get("upgrade") !== "websocket") {
      return new Response("Connect with WebSocket\n", { status: 426 });
    }
    if (this.refuse > 0) {
      this.refuse--;
      return new Response("Later\n", { status: 503 });
    }
    const offered = request.headers.get("sec-websocket-protocol") ?? "";
    const protocol = "gatewayworker.v1";
    const { socket, response } = Deno.upgradeWebSocket(request, {
      ...(offered.split(/,\s*/).includes(protocol) ? { protocol } : {}),
    });
    const end = new FarEnd(socket, offered);
    this.#ends.add(end);
    socket.addEventListener("open", () => this.#arrivals.push(end));
    return response;
  }

  /** Waits for the client's next connection. */
  async next(ms = 10_000): Promise<FarEnd> {
    const end = await this.#arrivals.next(ms);
    must(end !== undefined, `the client connects within ${ms} ms`);
    return end;
  }

  /** Checks that nobody connects for so long. */
  async nobody(ms: number): Promise<void> {
    const end = await this.#arrivals.next(ms);
    must(end === undefined, `the client does not connect within ${ms} ms`);
  }

  /** Sends a welcome. */
  welcome(end: FarEnd, more: Record<string, unknown> = {}): string {
    const t = `token-${++this.#tokens}`;
    const welcome = {
      resumed: false,
      reason: "lost",
      t,
      id: `id-${t}`,
      in: 0,
      gap: 0,
      ping: 30_000,
      spread: 0,
      window: 60_000,
      ...more,
    };
    end.sent = welcome.resumed ? end.sent + welcome.gap : 0;
    end.send(`w${JSON.stringify(welcome)}`);
    return t;
  }

  /** Gets the client into a session that has just begun. */
  async fresh(more: Record<string, unknown> = {}): Promise<[FarEnd, string]> {
    for (const end of this.#ends) end.leave();
    this.#ends.clear();
    const end = await this.next();
    await end.hello();
    return [end, this.welcome(end, more)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown().catch(() => {});
  }
}
