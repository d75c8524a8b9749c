/** Clients that talk all the time. @module */

/** Milliseconds between the answer to a client and its next message. */
const GAP = 500;

/** Clients that connect at a time. */
const BATCH = 50;

/** A crowd that connects, and talks until it is disposed. */
export class BusyCrowd implements Disposable {
  readonly #url: string;
  readonly #sockets: WebSocket[] = [];
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  private constructor(url: string) {
    this.#url = url;
  }

  /** Connects. */
  static async come(url: string, clients: number): Promise<BusyCrowd> {
    const crowd = new BusyCrowd(url);
    await crowd.grow(clients);
    return crowd;
  }

  /** More connect. */
  async grow(clients: number): Promise<void> {
    for (let left = clients; left > 0; left -= BATCH) {
      const batch = Array.from(
        { length: Math.min(BATCH, left) },
        () => this.#connect(),
      );
      await Promise.all(batch);
    }
  }

  /** All leave. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) {
      socket.onmessage = null;
      socket.close();
    }
  }

  async #connect(): Promise<void> {
    const socket = new WebSocket(this.#url);
    const number = this.#sockets.push(socket);
    socket.onmessage = () => this.#answer(socket);
    await new Promise((resolve) => socket.onopen = resolve);
    socket.send(`i am user-${number % 700}`);
  }

  #answer(socket: WebSocket): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (socket.readyState === WebSocket.OPEN) socket.send("hello");
    }, GAP);
    this.#timers.add(timer);
  }
}
