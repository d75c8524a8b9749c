import type { SocketLike } from "../../../lib/client/line.ts";
import type { PageHooks } from "../../../lib/client/page.ts";

interface Due {
  readonly at: number;
  readonly call: () => void;
}

/** Time that passes when told, and timers in it. */
export class VirtualTime {
  /** Milliseconds since it began. */
  now = 0;
  #due: Due[] = [];

  /** As the global of this name. */
  readonly setTimeout = (call: () => void, ms: number): Due =>
    this.callAt(this.now + Math.max(0, ms), call);

  /** Calls at a time; of two at the same, the one that was set first. */
  callAt(at: number, call: () => void): Due {
    const due = { at, call };
    let [low, high] = [0, this.#due.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      // The next one is the last of the list.
      if ((this.#due[middle] as Due).at > due.at) low = middle + 1;
      else high = middle;
    }
    this.#due.splice(low, 0, due);
    return due;
  }

  /** As the global of this name. */
  readonly clearTimeout = (timer: unknown): void => {
    const at = this.#due.indexOf(timer as Due);
    if (at >= 0) this.#due.splice(at, 1);
  };

  /** How many timers are set. */
  get timers(): number {
    return this.#due.length;
  }

  /** Lets so many milliseconds pass. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    await settle();
    for (
      let due = this.#due.at(-1);
      due && due.at <= until;
      due = this.#due.at(-1)
    ) {
      this.#due.pop();
      this.now = due.at;
      due.call();
      await settle();
    }
    this.now = until;
  }
}

/** Lets all promises settle that wait for nothing but each other. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 8; i++) await undefined;
}

/** The gateway's end of a virtual socket. */
export interface FarEnd {
  onData(data: string | Uint8Array): void;
  onEnd(code: number): void;
}

/** Who hears of a cut. */
export interface Cut {
  readonly client: boolean;
  readonly gateway: boolean;
}

/** A network of virtual sockets. */
export class VirtualNetwork {
  readonly time: VirtualTime;
  readonly random: () => number;
  /** Takes connections; returns the far end, or `undefined` to refuse. */
  accept: (socket: VirtualSocket) => FarEnd | undefined = () => undefined;
  /** Milliseconds for one way, at most. */
  delay = 30;
  /** What clients are connected with. */
  readonly sockets: Set<VirtualSocket> = new Set();
  /** How many were made. */
  made = 0;
  /** Whether nothing gets through. */
  isDown = false;

  constructor(time: VirtualTime, random: () => number) {
    this.time = time;
    this.random = random;
  }

  /** A constructor such as `WebSocket`. */
  get WebSocket(): new (url: string, protocol: string) => SocketLike {
    // deno-lint-ignore no-this-alias -- for the class within
    const network = this;
    return class extends VirtualSocket {
      constructor(url: string, protocol: string) {
        super(network, url, protocol);
      }
    };
  }
}

/** A socket of a client, in a network of its own. */
export class VirtualSocket implements SocketLike {
  binaryType = "";
  readonly url: string;
  protocol: string;
  onopen: unknown = null;
  onmessage: unknown = null;
  onclose: unknown = null;
  onerror: unknown = null;
  readonly #network: VirtualNetwork;
  #far: FarEnd | undefined;
  #state: "connecting" | "open" | "closed" = "connecting";
  #farIsOpen = false;
  #isCut = false;
  /** When what was sent last arrives: nothing overtakes. */
  readonly #last = { here: 0, there: 0 };

  constructor(network: VirtualNetwork, url: string, protocol: string) {
    this.#network = network;
    this.url = url;
    this.protocol = protocol;
    network.made++;
    network.sockets.add(this);
    this.#travel("there", () => {
      const far = network.accept(this);
      if (!far) return this.#travel("here", () => this.#end(1006));
      this.#far = far;
      this.#farIsOpen = true;
      this.#travel("here", () => {
        if (this.#state !== "connecting") return;
        this.#state = "open";
        call(this.onopen, {});
      });
    });
  }

  /** The client sends. */
  send(data: string | Uint8Array): void {
    if (this.#state === "connecting") throw new TypeError("Not open");
    if (this.#state === "closed") return;
    this.#travel("there", () => this.#farIsOpen && this.#far?.onData(data));
  }

  /** The client closes. */
  close(code = 1005): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#network.sockets.delete(this);
    this.#travel("there", () => this.#endFar(code));
  }

  /** The gateway sends. */
  tell(data: string | Uint8Array): void {
    if (!this.#farIsOpen) return;
    this.#travel("here", () => {
      if (this.#state !== "open") return;
      const sent = typeof data === "string" ? data : data.slice().buffer;
      call(this.onmessage, { data: sent });
    });
  }

  /** The gateway closes. */
  end(code: number, reason = ""): void {
    if (!this.#farIsOpen) return;
    this.#farIsOpen = false;
    this.#travel("here", () => this.#end(code, reason));
  }

  /** Nothing gets through any more, and not everybody notices. */
  cut(cut: Cut): void {
    this.#isCut = true;
    const { time } = this.#network;
    if (cut.client) time.setTimeout(() => this.#end(1006), 5);
    if (cut.gateway) time.setTimeout(() => this.#endFar(1006), 5);
  }

  #end(code: number, reason = ""): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#network.sockets.delete(this);
    if (code === 1006) call(this.onerror, {});
    call(this.onclose, { code, reason });
  }

  #endFar(code: number): void {
    if (!this.#farIsOpen) return;
    this.#farIsOpen = false;
    this.#far?.onEnd(code);
  }

  #travel(to: "here" | "there", arrive: () => void): void {
    const { time, random, delay } = this.#network;
    const at = Math.max(this.#last[to], time.now + random() * delay);
    this.#last[to] = at;
    time.callAt(at, () => {
      // What loses something gives nothing more, as it comes in order.
      this.#isCut ||= this.#network.isDown;
      if (!this.#isCut) arrive();
    });
  }
}

function call(listener: unknown, event: unknown): void {
  if (typeof listener === "function") listener(event);
}

/** A page whose events come when a test says so. */
export class VirtualPage {
  #hooks: PageHooks | undefined;

  /** To be given to a client. */
  readonly watch = (hooks: PageHooks): () => void => {
    this.#hooks = hooks;
    return () => {
      if (this.#hooks === hooks) this.#hooks = undefined;
    };
  };

  /** What the client is told with; `undefined` if it does not listen. */
  get hooks(): PageHooks | undefined {
    return this.#hooks;
  }
}

/** A `sessionStorage`. */
export class VirtualStore {
  readonly items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }
}
