import type { Done, Order } from "./handler.ts";

/** Longest wait for an answer, in milliseconds. */
const PATIENCE = 60_000;

/** A client of a cell that has its handler do things, and notes what it is sent. */
export class CellClient implements Disposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (done: Done) => void>();
  #orders = 0;
  /** What others have sent it, in order. */
  readonly heard: string[] = [];
  /** The code that it was closed with; `undefined` while it is connected. */
  closedWith: number | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = ({ code }) => {
      this.closedWith = code;
      for (const [id, done] of this.#waiting) {
        done({ id, answer: null, error: `closed with ${code}` });
      }
    };
  }

  /** Connects, and waits until it is connected. */
  static async connect(url: string): Promise<CellClient> {
    const socket = new WebSocket(url);
    const client = new CellClient(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new TypeError(`Cannot connect to ${url}`));
    });
    return client;
  }

  /** Has something done, and waits until it is. */
  async do(order: Omit<Order, "id">): Promise<Done> {
    const id = ++this.#orders;
    const { promise, resolve } = Promise.withResolvers<Done>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ ...order, id }));
    const timer = setTimeout(
      () => resolve({ id, answer: null, error: "no answer" }),
      PATIENCE,
    );
    const done = await promise;
    clearTimeout(timer);
    this.#waiting.delete(id);
    return done;
  }

  /** Leaves. */
  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #take(data: string): void {
    if (!data.startsWith("{")) return void this.heard.push(data);
    const done: Done = JSON.parse(data);
    this.#waiting.get(done.id)?.(done);
  }
}
