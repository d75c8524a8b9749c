import { Client } from "../../lib/client/client.ts";
import { Presence } from "../../lib/client/presence/presence.ts";
import { environmentOf } from "../../lib/client/surroundings.ts";
import { LinkProxy } from "../_support/link_proxy.ts";
import type { Seen } from "./presence_checks.ts";

/** Somebody without a uid who looks at a room with the client library. */
export class PresenceWatcher implements Disposable {
  readonly #client: Client;
  readonly #cable: LinkProxy;
  /** What it sees. */
  readonly presence: Presence;
  /** Those whose join was told, and no leave since. */
  readonly #told = new Set<string>();
  /** What it was told that cannot be, in words. */
  readonly wrong: string[] = [];
  /** Differences that it was told. */
  changes = 0;

  /**
   * @param room The group.
   * @param address Where a gateway listens, `host:port`, looked up at each connect.
   */
  constructor(readonly room: string, address: () => string) {
    this.#cable = new LinkProxy(address, true);
    const url = new URL(`ws://${this.#cable.address}/?room=${room}`);
    const client = this.#client = new Client(url, {}, environmentOf({}));
    client.on("closed", ({ code }) => this.wrong.push(`closed with ${code}`));
    client.on("error", (error) => this.wrong.push(`error: ${error}`));
    const told = this.#told;
    this.presence = new Presence(client, { group: room }, {
      onList: ({ members }) => {
        told.clear();
        for (const uid of members.keys()) told.add(uid);
      },
      onJoin: ({ uid }) => {
        this.changes++;
        if (told.has(uid)) this.wrong.push(`${uid}: join told twice`);
        told.add(uid);
      },
      onLeave: ({ uid }) => {
        this.changes++;
        if (!told.delete(uid)) this.wrong.push(`${uid}: leave told twice`);
      },
      onUpdate: ({ members }) => {
        if (members.size !== told.size) {
          this.wrong.push(`${told.size} were told, ${members.size} are listed`);
        }
      },
      onRefused: (code) => this.wrong.push(`refused: ${code}`),
    }, environmentOf({}));
  }

  /** Whether it has a socket, and was answered. */
  get isThere(): boolean {
    return this.presence.isCurrent;
  }

  /** What it sees. */
  get seen(): Seen {
    const { counts, members, isPartial } = this.presence;
    return { ...counts, members, isPartial };
  }

  [Symbol.dispose](): void {
    this.presence.close();
    this.#client.close();
    this.#cable[Symbol.dispose]();
  }
}
