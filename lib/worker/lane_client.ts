import type {
  BindUidOptions,
  CloseOptions,
  Message,
  SendOptions,
} from "../cluster/call_options.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Session } from "../link/session.ts";
import type { HandlerClient } from "./handler.ts";
import type { Lane } from "./lane.ts";

/** The client of a lane, as its handler sees it. */
export class LaneClient implements HandlerClient {
  readonly #lane: Lane;
  readonly #cluster: Cluster;

  constructor(lane: Lane, cluster: Cluster) {
    this.#lane = lane;
    this.#cluster = cluster;
  }

  get id(): string {
    return this.#lane.clientId;
  }

  get uid(): string | undefined {
    return this.#lane.state?.uid;
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

  close(message?: Message, options?: CloseOptions): Promise<boolean> {
    return this.#cluster.closeClient(this.id, message, options);
  }

  destroy(): Promise<boolean> {
    return this.#cluster.destroyClient(this.id);
  }

  bindUid(uid: string, options?: BindUidOptions): Promise<boolean> {
    const bound = this.#cluster.bindUid(this.id, uid, options);
    this.#see(uid);
    return bound;
  }

  unbindUid(): Promise<boolean> {
    this.#see(undefined);
    return this.#cluster.unbindUid(this.id);
  }

  joinGroup(group: string): Promise<boolean> {
    return this.#cluster.joinGroup(this.id, group);
  }

  leaveGroup(group: string): Promise<boolean> {
    return this.#cluster.leaveGroup(this.id, group);
  }

  /** What the handler did it sees at once; the gateway's word comes with a later event. */
  #see(uid: string | undefined): void {
    const { state } = this.#lane;
    if (state !== undefined) this.#lane.state = { ...state, uid };
  }
}
