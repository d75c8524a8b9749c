import { type Client, connect } from "@gatewayworker/core/client";
import type { SocketConstructor } from "../../lib/client/line.ts";
import { type Place, RawSocket } from "./raw_socket.ts";

/** Numbers that must come one after another, without a hole and none twice. */
class Sequence {
  #next: number | undefined;
  /** Those that were not the next. */
  wrong = 0;

  take(number: number): void {
    if (this.#next !== undefined && number !== this.#next) this.wrong++;
    this.#next = number + 1;
  }

  /** The last that came. */
  get last(): number {
    return (this.#next ?? 0) - 1;
  }
}

/** A client in a drain, and what it saw. */
export interface Member {
  /** When it let go or dialled elsewhere, in milliseconds; `undefined` if it did not. */
  readonly leftAt: number | undefined;
  /** Number of the last broadcast that it has. */
  readonly last: number;
  /** Numbers that came twice, or not at all. */
  readonly wrong: number;
  /** Says something that is to be answered. */
  speak(): void;
  /** Ends. */
  close(): void;
}

/** Takes what a handler sent: `b7` to all, `e7` as echo of the seventh. */
class Ears {
  readonly broadcasts = new Sequence();
  readonly echoes = new Sequence();

  hear(text: string): void {
    const number = Number(text.slice(1));
    if (text.startsWith("b")) this.broadcasts.take(number);
    else this.echoes.take(number);
  }
}

/** One of the library. */
export class LibraryMember implements Member {
  readonly #client: Client;
  readonly #ears = new Ears();
  readonly #sockets: RawSocket[] = [];
  #spoken = 0;
  leftAt: number | undefined;
  /** Times that it went on with its session, began another, or had no socket. */
  backs = 0;
  fresh = 0;
  aways = 0;
  missed = 0;
  /** With which code and reason it was closed for good; empty if it was not. */
  end = "";

  /** @param place Where sockets are opened to; may change. */
  constructor(place: Place) {
    const sockets = this.#sockets;
    const onSocket = () => {
      if (sockets.length === 2) this.leftAt = performance.now();
    };
    class Socket extends RawSocket {
      constructor(_url: string, protocol: string) {
        super(place, protocol);
        sockets.push(this);
        onSocket();
      }
    }
    const WebSocket: SocketConstructor = Socket;
    this.#client = connect("ws://balancer.example", { WebSocket });
    this.#client.on("message", (data) => this.#ears.hear(String(data)));
    this.#client.on("back", ({ missed }) => {
      this.backs++;
      this.missed += missed;
    });
    this.#client.on("fresh", () => this.fresh++);
    this.#client.on("closed", ({ code, reason }) => {
      this.end = `${code} ${reason}`;
    });
    this.#client.on("state", (state) => {
      if (state === "away") this.aways++;
    });
  }

  get last(): number {
    return this.#ears.broadcasts.last;
  }

  get wrong(): number {
    return this.#ears.broadcasts.wrong + this.#ears.echoes.wrong;
  }

  /** Whether it has all up to a broadcast, and every answer. */
  hasAll(last: number): boolean {
    return this.last === last && this.#ears.echoes.last === this.#spoken;
  }

  /** Whether it is welcomed. */
  get isOpen(): boolean {
    return this.#client.state === "open";
  }

  /** Reads nothing for a while. */
  stall(): void {
    this.#sockets.at(-1)?.stall();
  }

  /** Reads again. */
  unstall(): void {
    for (const socket of this.#sockets) socket.unstall();
  }

  speak(): void {
    if (this.end !== "") return;
    void this.#client.send(`s${++this.#spoken}`).catch(() => {});
  }

  close(): void {
    this.#client.close();
  }
}

/** One without the library. */
export class PlainMember implements Member {
  readonly #socket: RawSocket;
  readonly #ears = new Ears();
  #spoken = 0;
  leftAt: number | undefined;
  isOpen = false;
  /** With which code it was closed. */
  code: number | undefined;

  constructor(place: Place) {
    const socket = this.#socket = new RawSocket(place, "");
    socket.onopen = () => {
      this.isOpen = true;
    };
    socket.onmessage = ({ data }: { data: string }) => this.#ears.hear(data);
    socket.onclose = ({ code }: { code: number }) => {
      this.code = code;
      this.leftAt = performance.now();
    };
  }

  get last(): number {
    return this.#ears.broadcasts.last;
  }

  get wrong(): number {
    return this.#ears.broadcasts.wrong + this.#ears.echoes.wrong;
  }

  speak(): void {
    if (this.code === undefined) this.#socket.send(`s${++this.#spoken}`);
  }

  close(): void {
    this.#socket.close();
  }
}
