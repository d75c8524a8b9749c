import { environmentOf } from "../../lib/client/surroundings.ts";
import type { PageHooks } from "../../lib/client/page.ts";
import {
  SharedClient,
  type SharedOptions,
} from "../../lib/client/tabs/shared_client.ts";
import type {
  LeadMessage,
  TabMessage,
} from "../../lib/client/tabs/tab_messages.ts";
import type { TabChannel, TabWorld } from "../../lib/client/tabs/tab_world.ts";

/** A tab of {@linkcode FakeTabs}. */
export interface FakeTab {
  readonly client: SharedClient;
  /** What its browser tells it. */
  readonly hooks: PageHooks;
  /** It is gone without a word: its locks are free, its channel says nothing more. */
  crash(): void;
}

/** A browser as tabs see it: channels and locks, without pages. */
export class FakeTabs {
  readonly #channels = new Map<string, Set<TabChannel>>();
  /** What is on its way to each: told in the order of posting, as browsers do it. */
  readonly #queues = new Map<TabChannel, Promise<void>>();
  readonly #locks = new Map<string, Promise<unknown>>();
  readonly #url: URL;

  readonly #lag: (() => number) | undefined;

  /**
   * Has no tabs yet; they will connect to this address.
   *
   * @param lag Milliseconds that a message takes; at once if left out.
   */
  constructor(url: string, lag?: () => number) {
    this.#url = new URL(url);
    this.#lag = lag;
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await Promise.all(this.#queues.values());
  }

  /** Opens a tab. */
  open(options: SharedOptions = {}): FakeTab {
    const crash = new AbortController();
    let hooks: PageHooks | undefined;
    const sockets: WebSocket[] = [];
    class Socket extends WebSocket {
      constructor(url: string, protocol: string) {
        crash.signal.throwIfAborted();
        super(url, protocol);
        sockets.push(this);
      }
    }
    const environment = {
      ...environmentOf({ WebSocket: Socket }),
      // Nothing runs any more in a tab that is gone.
      setTimeout: (call: () => void, ms: number) =>
        setTimeout(() => crash.signal.aborted || call(), ms),
      watchPage: (its: PageHooks) => {
        hooks = its;
        return () => {};
      },
    };
    const world = this.#worldOf(crash.signal);
    const client = new SharedClient(this.#url, options, environment, world);
    if (!hooks) throw new TypeError("It does not look at its page");
    return {
      client,
      hooks,
      crash: () => {
        crash.abort();
        for (const socket of sockets) {
          socket.onopen = socket.onmessage = socket.onclose = null;
          socket.close();
        }
      },
    };
  }

  #worldOf(crashed: AbortSignal): TabWorld {
    return {
      openChannel: (name) => this.#openChannel(name, crashed),
      locks: {
        request: (name, { signal }, held) =>
          this.#request(name, AbortSignal.any([signal, crashed]), held),
      },
    };
  }

  #openChannel(name: string, crashed: AbortSignal): TabChannel {
    const all = this.#channels.get(name) ?? new Set();
    this.#channels.set(name, all);
    const channel: TabChannel = {
      onmessage: null,
      postMessage: (message) => {
        if (crashed.aborted || !all.has(channel)) return;
        const data: TabMessage | LeadMessage = structuredClone(message);
        for (const other of [...all]) {
          if (other === channel) continue;
          this.#deliver(other, () => {
            if (all.has(other)) other.onmessage?.({ data });
          });
        }
      },
      close: () => void all.delete(channel),
    };
    crashed.addEventListener("abort", () => channel.close());
    all.add(channel);
    return channel;
  }

  #deliver(to: TabChannel, tell: () => void): void {
    const before = this.#queues.get(to) ?? Promise.resolve();
    const lag = this.#lag?.();
    const due = new Promise<void>((resolve) =>
      lag === undefined ? resolve() : setTimeout(resolve, lag)
    );
    this.#queues.set(to, before.then(() => due).then(tell));
  }

  async #request(
    name: string,
    signal: AbortSignal,
    held: () => Promise<void>,
  ): Promise<void> {
    const free = this.#locks.get(name) ?? Promise.resolve();
    const { promise: over, resolve } = Promise.withResolvers<void>();
    this.#locks.set(name, Promise.all([free, over]));
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve());
    });
    try {
      await Promise.race([free, aborted]);
      signal.throwIfAborted();
      await Promise.race([held(), aborted]);
    } finally {
      resolve();
    }
  }
}
