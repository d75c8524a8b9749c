import { EventReader, type StreamEvent } from "./event_reader.ts";

/** Milliseconds between two attempts to post the same, and how many there are. */
const POST_AGAIN = 500;
const MAX_POSTS = 3;

/** Milliseconds in which the stream says itself why it has ended. */
const GRACE = 2000;

/** Characters and bytes that are posted together, if there is more than one frame. */
const BATCH = 65_536;

/** Whether answers come only when they are whole; known for all of the page. */
let isBuffered = false;

/** Whom a socket tells, if not its own listeners. */
export interface SocketFace {
  /** The sub-protocol that was agreed on. */
  protocol: string;
  /** Called when it is open. */
  onopen: unknown;
  /** Called with `{ data }`, a string or an `ArrayBuffer`. */
  onmessage: unknown;
  /** Called with `{ code, reason }`. */
  onclose: unknown;
  /** Called before `onopen`. */
  opened?(): void;
}

/** A frame that waits to be posted. */
type Frame = string | Uint8Array<ArrayBuffer>;

/** A socket of server-sent events and POSTs, for the option `WebSocket` of `connect`. */
export class EventSocket implements SocketFace {
  /**
   * Whether cookies go along to a gateway of another origin, as they do with a
   * WebSocket: `"include"`. The gateway needs `--origins`, with that of the page.
   *
   * @default {"same-origin"}
   */
  static credentials: "same-origin" | "include" = "same-origin";

  /**
   * Milliseconds for the first event: after that a proxy holds it back until the answer
   * is whole, and short answers are asked for, on all of the page.
   *
   * @default {5_000}
   */
  static patience = 5000;

  /** As that of a WebSocket; bytes always come as an `ArrayBuffer`. */
  binaryType = "arraybuffer";
  /** The sub-protocol, once it is open. */
  protocol = "";
  /** Called when it is open. */
  onopen: unknown;
  /** Called with `{ data }`. */
  onmessage: unknown;
  /** Called with `{ code, reason }`. */
  onclose: unknown;
  /** Never called: `onclose` says it all. */
  onerror: unknown;
  readonly #url: string;
  readonly #face: SocketFace;
  readonly #posts = new AbortController();
  #answer = new AbortController();
  #token = "v1";
  #number = 0;
  #waiting: Frame[] = [];
  #isPosting = false;
  #isOver = false;
  #isLeaving = false;
  #ending: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  /**
   * Connects.
   *
   * @param url Where a WebSocket would be opened.
   * @param _protocol That of the library is spoken, and no other.
   * @param face Whom to tell; itself if left out.
   */
  constructor(url: string, _protocol?: string, face?: SocketFace) {
    this.#url = url.replace(/^ws/, "http");
    this.#face = face ?? this;
    this.#listen().catch(() => this.#end());
  }

  /** Sends a frame, behind those that wait. */
  send(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(frame);
    if (!this.#isPosting) void this.#post();
  }

  /** Ends, when what was sent has gone. */
  close(): void {
    this.#isLeaving = true;
    if (this.#isPosting) this.#endSoon();
    else this.#end();
  }

  /** Hears one answer after another. */
  async #listen(): Promise<void> {
    while (await this.#hear());
    this.#end();
  }

  /** Hears one answer; returns whether there is another. */
  async #hear(): Promise<boolean> {
    const isNew = this.#token === "v1";
    const answer = this.#answer = new AbortController();
    const { signal } = answer;
    const timer = isNew && !isBuffered && setTimeout(() => {
      isBuffered = true;
      answer.abort();
    }, EventSocket.patience);
    const life = isBuffered ? { "Gatewayworker-Life": "short" } : {};
    try {
      const { ok, body } = await this.#fetch(life as HeadersInit, { signal });
      const [events, decoder] = [new EventReader(), new TextDecoder()];
      const reader = ok && body?.getReader();
      while (reader) {
        const { value, done } = await reader.read();
        if (done) break;
        if (timer) clearTimeout(timer);
        for (
          const event of events.read(decoder.decode(value, { stream: true }))
        ) {
          if (event.name === "next") return !this.#isOver;
          this.#take(event);
        }
      }
      return false;
    } catch (error) {
      // Whoever is held back begins anew, in another way.
      if (signal.aborted && !this.#isOver) return true;
      throw error;
    } finally {
      if (timer) clearTimeout(timer);
      answer.abort();
    }
  }

  #take({ name, data }: StreamEvent): void {
    if (this.#isOver) return;
    if (name === "open") {
      this.#token = data;
      this.#face.protocol = "gatewayworker.v1";
      this.#face.opened?.();
      call(this.#face.onopen, {});
    } else if (name === "close") {
      const [code, ...reason] = data.split(" ");
      this.#end(Number(code), reason.join(" "));
    } else {
      const bytes = name &&
        Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
      call(this.#face.onmessage, {
        data: name === "b"
          ? (bytes as Uint8Array).buffer
          : bytes
          ? new TextDecoder().decode(bytes)
          : data,
      });
    }
  }

  /** Posts what waits, one request after another. */
  async #post(): Promise<void> {
    this.#isPosting = true;
    while (this.#waiting.length > 0 && !this.#isOver) {
      const status = await this.#postSome(this.#takeSome());
      if (status === 204) continue;
      // It says itself why, if anybody can hear it.
      return this.#endSoon();
    }
    this.#isPosting = false;
    if (this.#isLeaving) this.#end();
  }

  #takeSome(): Uint8Array<ArrayBuffer> {
    let [count, size] = [0, 0];
    for (const { length } of this.#waiting) {
      size += length;
      if (count > 0 && size > BATCH) break;
      count++;
    }
    return encode(this.#waiting.splice(0, count));
  }

  /** Posts the same until it is known to be taken, or cannot be. */
  async #postSome(body: Uint8Array<ArrayBuffer>): Promise<number> {
    const number = { "Gatewayworker-Number": `${this.#number++}` };
    for (let left = MAX_POSTS; !this.#isOver;) {
      let status = 0;
      try {
        const keepalive = this.#isLeaving;
        const init = { method: "POST", body, keepalive };
        ({ status } = await this.#fetch(number, {
          ...init,
          signal: this.#posts.signal,
        }));
      } catch {
        // The number tells the gateway if it has it.
      }
      // 503: it is behind, and wants it again.
      const isLast = status !== 503 && (status || !--left);
      if (isLast || this.#isOver) return status;
      await new Promise((resolve) => {
        this.#again = setTimeout(resolve, POST_AGAIN);
      });
    }
    return 0;
  }

  #fetch(headers: HeadersInit, init: RequestInit): Promise<Response> {
    return fetch(this.#url, {
      cache: "no-store",
      credentials: EventSocket.credentials,
      ...init,
      headers: { ...headers, "Gatewayworker-Stream": this.#token },
    });
  }

  #endSoon(): void {
    this.#ending ??= setTimeout(() => this.#end(), GRACE);
  }

  #end(code = 1006, reason = ""): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#ending);
    clearTimeout(this.#again);
    this.#posts.abort();
    this.#answer.abort();
    call(this.#face.onclose, { code, reason });
  }
}

function call(listener: unknown, event: unknown): void {
  (listener as ((event: unknown) => void) | undefined)?.(event);
}

/** Before each frame its length, and whether it is binary. */
function encode(frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  const parts = frames.map((frame) =>
    typeof frame === "string" ? new TextEncoder().encode(frame) : frame
  );
  const size = parts.reduce((sum, { length }) => sum + 4 + length, 0);
  const body = new Uint8Array(size);
  const view = new DataView(body.buffer);
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const isBinary = typeof frames[i] !== "string";
    view.setUint32(at, part.length + (isBinary ? 2 ** 31 : 0));
    body.set(part, at + 4);
    at += 4 + part.length;
  }
  return body;
}
