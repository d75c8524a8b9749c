import { Inbox } from "./inbox.ts";

/** A client whose messages can be waited for. */
export class TestClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  /** What came, in order: text or bytes. */
  readonly messages = new Inbox<string | Uint8Array>();
  /** Resolves when the connection is over. */
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) =>
      this.messages.push(
        typeof data === "string" ? data : new Uint8Array(data),
      );
    this.closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
  }

  /** Connects, and waits until it is connected. */
  static async connect(url: string): Promise<TestClient> {
    const socket = new WebSocket(url);
    const client = new TestClient(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    socket.onerror = null;
    return client;
  }

  /** Sends a message. */
  send(message: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(message);
  }

  /** Waits for the next message. */
  async hear(): Promise<string | Uint8Array> {
    return await this.messages.next();
  }

  /** Waits for so many messages. */
  async hearAll(count: number): Promise<(string | Uint8Array)[]> {
    const heard: (string | Uint8Array)[] = [];
    while (heard.length < count) heard.push(await this.messages.next());
    return heard;
  }

  /** Leaves. */
  async close(code = 1000): Promise<void> {
    this.#socket.close(code);
    await this.closed;
  }

  /** Leaves, if it is still there. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
