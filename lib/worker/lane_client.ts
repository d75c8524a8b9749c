import type {
  BindUidOptions,
  CloseOptions,
  Message,
  SendOptions,
} from "../cluster/call_options.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { PresenceState } from "../cluster/presence_options.ts";
import type { Session } from "../wire/bodies/session.ts";
import type { HandlerClient } from "./handler/handler.ts";
import type { ClientState } from "../wire/bodies/client_state.ts";

/** What a client, as its handler sees it, needs of its lane. */
export interface ClientLane {
  /** The client's id. */
  readonly clientId: string;
  /** What its gateway last told of it. */
  readonly state: ClientState | undefined;
  /** The session as the handler sees it. */
  readonly session: { value: Session };
  /** Sends a message to the client. */
  send(message: Message): void;
  /** Sends it a typed event. */
  notify(name: string, data: unknown): void;
  /** The gateway did as the handler asked. */
  see(uid: string | undefined): void;
}

/** The client of a lane, as its handler sees it. */
export class LaneClient implements HandlerClient {
  readonly #lane: ClientLane;
  readonly #cluster: Cluster;
  /** What the handler asked for, until its gateway has answered. */
  #asked: { readonly uid: string | undefined } | undefined;

  constructor(lane: ClientLane, cluster: Cluster) {
    this.#lane = lane;
    this.#cluster = cluster;
  }

  get id(): string {
    return this.#lane.clientId;
  }

  get previousId(): string | undefined {
    return this.#lane.state?.previousId;
  }

  get uid(): string | undefined {
    return this.#asked === undefined ? this.#lane.state?.uid : this.#asked.uid;
  }

  get remoteAddress(): string {
    return this.#lane.state?.remoteAddress ?? "";
  }

  get listener(): number {
    return this.#lane.state?.listener ?? 0;
  }

  get session(): Session {
    return this.#lane.session.value;
  }

  set session(value: Session) {
    this.#lane.session.value = value;
  }

  send(message: Message, options?: SendOptions): void {
    if (options === undefined) this.#lane.send(message);
    else void this.#cluster.sendToClient(this.id, message, options);
  }

  notify(name: string, data?: unknown): void {
    this.#lane.notify(name, data);
  }

  setWindow(window: number): Promise<boolean> {
    return this.#cluster.setWindow(this.id, window);
  }

  close(message?: Message, options?: CloseOptions): Promise<boolean> {
    return this.#cluster.closeClient(this.id, message, options);
  }

  destroy(): Promise<boolean> {
    return this.#cluster.destroyClient(this.id);
  }

  bindUid(uid: string, options?: BindUidOptions): Promise<boolean> {
    return this.#ask(uid, this.#cluster.bindUid(this.id, uid, options));
  }

  unbindUid(): Promise<boolean> {
    return this.#ask(undefined, this.#cluster.unbindUid(this.id));
  }

  joinGroup(group: string): Promise<boolean> {
    return this.#cluster.joinGroup(this.id, group);
  }

  leaveGroup(group: string): Promise<boolean> {
    return this.#cluster.leaveGroup(this.id, group);
  }

  setPresence(
    state: PresenceState | undefined,
    group?: string,
  ): Promise<boolean> {
    return this.#cluster.setPresence(this.id, state, group);
  }

  /**
   * What the handler asks for it sees at once. Its gateway's word comes with a later
   * event; if that was not done, what the gateway said before is what holds.
   */
  #ask(uid: string | undefined, done: Promise<boolean>): Promise<boolean> {
    const asked = this.#asked = { uid };
    const settle = (isDone: boolean) => {
      if (isDone) this.#lane.see(uid);
      if (this.#asked === asked) this.#asked = undefined;
    };
    done.then(settle, () => settle(false));
    return done;
  }
}
