import { Client } from "../../../lib/client/client.ts";
import type { ClientEvents } from "../../../lib/client/events.ts";
import type { ConnectOptions } from "../../../lib/client/options.ts";
import {
  VirtualNetwork,
  VirtualPage,
  type VirtualSocket,
  VirtualTime,
} from "./_virtual_world.ts";

/** What a welcome says, unless a test says otherwise. */
const WELCOME = {
  resumed: false,
  t: "T1",
  id: "s1",
  in: 0,
  gap: 0,
  reason: "new",
  ping: 10_000,
  spread: 0,
  window: 60_000,
};

/** The gateway's end of a socket that a test speaks for. */
export class Socket {
  readonly socket: VirtualSocket;
  /** Frames of the client. */
  readonly frames: (string | Uint8Array)[] = [];
  /** How the client closed it. */
  closed: number | undefined;

  constructor(socket: VirtualSocket) {
    this.socket = socket;
  }

  /** What the client said first. */
  get hello(): { t: string; r: number; a?: unknown } {
    return JSON.parse(`${this.frames[0]}`.slice(1));
  }
}

/** A client in virtual time, and its gateway by hand. */
export class TestClient {
  readonly time = new VirtualTime();
  readonly page = new VirtualPage();
  readonly network: VirtualNetwork;
  readonly client: Client;
  /** Every socket that the client opened. */
  readonly sockets: Socket[] = [];
  /** What the client told. */
  readonly told: [keyof ClientEvents, unknown][] = [];
  /** What `random` returns. */
  random = 0.5;
  /** The sub-protocol that the server agrees on. */
  protocol = "gatewayworker.v1";
  /** Whether the gateway takes connections. */
  isUp = true;

  constructor(options: ConnectOptions = {}) {
    this.network = new VirtualNetwork(this.time, () => 0);
    this.network.accept = (socket) => {
      if (!this.isUp) return undefined;
      socket.protocol = this.protocol;
      const end = new Socket(socket);
      this.sockets.push(end);
      return {
        onData: (data) => void end.frames.push(data),
        onEnd: (code) => void (end.closed = code),
      };
    };
    this.client = new Client(new URL("wss://one.example/path"), options, {
      setTimeout: this.time.setTimeout,
      clearTimeout: this.time.clearTimeout,
      random: () => this.random,
      WebSocket: this.network.WebSocket,
      watchPage: this.page.watch,
    });
    const names = ["message", "state", "back", "fresh", "gap", "closed"];
    for (const name of [...names, "error"] as (keyof ClientEvents)[]) {
      this.client.on(name, (event) => this.told.push([name, event]));
    }
  }

  /** The newest socket. */
  get socket(): Socket {
    return this.sockets.at(-1) as Socket;
  }

  /** The frames on the newest socket but the hello. */
  get frames(): (string | Uint8Array)[] {
    return this.socket.frames.slice(1);
  }

  /** What was told by this name. */
  heard(name: keyof ClientEvents): unknown[] {
    return this.told.filter(([each]) => each === name).map(([, event]) =>
      event
    );
  }

  /** Lets what is on its way arrive. */
  async settle(): Promise<void> {
    await this.time.pass(10);
  }

  /** Says something on the newest socket. */
  async say(...frames: string[]): Promise<void> {
    for (const frame of frames) this.socket.socket.tell(frame);
    await this.settle();
  }

  /** Welcomes the client on the newest socket. */
  async welcome(more: Partial<typeof WELCOME> = {}): Promise<void> {
    await this.settle();
    await this.say(`w${JSON.stringify({ ...WELCOME, ...more })}`);
  }

  /** The gateway closes the newest socket. */
  async end(code: number): Promise<void> {
    this.socket.socket.end(code);
    await this.settle();
  }
}
