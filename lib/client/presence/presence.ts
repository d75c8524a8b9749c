import type { CallError } from "../call_error.ts";
import { type TimerFunctions, Timers } from "../timers.ts";
import {
  type Counts,
  type Difference,
  type Member,
  MemberList,
} from "./member_list.ts";
import {
  NAME,
  type NamedUpdate,
  PresenceHub,
  type PresenceOf,
  type PresenceSocket,
} from "./presence_hub.ts";

/** Milliseconds after which a gateway is asked again, although it has said nothing wrong. */
const LOOK_AGAIN = 60_000;

/** Milliseconds until the first try after a refusal; each next one is twice as long. */
const FIRST_RETRY = 250;

/** The wait from which on a refusal is one: who has just come is not in its groups yet. */
const LAST_PATIENT = 4_000;

/** Failures of a request that are no answer of the gateway's. */
const NO_ANSWER: readonly unknown[] = ["timeout", "lost", "gap", undefined];

/** What `watchPresence` calls, always once its list and counts are right. */
export interface PresenceOptions {
  /**
   * The list is there, or is another one as a whole: at first, and when a group is or
   * was too large for its members to be listed. Nobody in it is told as a join.
   */
  readonly onList?: (presence: Presence) => void;
  /** Somebody came: a uid, whatever tabs it has. */
  readonly onJoin?: (member: Member, presence: Presence) => void;
  /** Somebody is gone, with all tabs. */
  readonly onLeave?: (member: Member, presence: Presence) => void;
  /** Somebody's tabs, state, or whether it is away, are others. */
  readonly onChange?: (member: Member, presence: Presence) => void;
  /** Something is another, if only a count: called last, once for what came at once. */
  readonly onUpdate?: (presence: Presence) => void;
  /**
   * The gateway does not tell: `refused` to whoever is not in the group, `unknown` where
   * no worker watches it for clients, `over` once it was told and is so no more. Whoever
   * was here was told as a leave. The gateway is asked again after a while, up to once a
   * minute; this is told once for each reason, and not in the first seconds, since the
   * handler may be about to put the client into the group.
   */
  readonly onRefused?: (code: string, presence: Presence) => void;
}

/**
 * Who is in a group, or whether a uid is here, as the gateway tells this client: a list,
 * and from then on what changes. While there is no socket, the list stays as it was;
 * once there is one again, at the same gateway or another, it is compared with what is
 * there then, so that each join and leave in between is told once.
 */
export class Presence implements Disposable {
  readonly #socket: PresenceSocket;
  readonly #of: PresenceOf;
  readonly #listeners: PresenceOptions;
  readonly #timers: Timers;
  readonly #list = new MemberList();
  readonly #unlisten: (() => unknown)[];
  readonly #leaveHub: () => boolean;
  #isClosed = false;
  /** The newest question; answers to older ones came too late. */
  #asked = 0;
  /** Whether it has no answer. */
  #isAsking = false;
  /** Whether nothing is missing since an answer. */
  #isRight = false;
  #refusal = "";
  #retry = FIRST_RETRY;
  /** What this client has said of itself. */
  #state: Readonly<Record<string, unknown>> | undefined;
  /** Whether the gateway may have forgotten that. */
  #mustSay = false;

  /** Made by `watchPresence`. */
  constructor(
    socket: PresenceSocket,
    of: PresenceOf,
    listeners: PresenceOptions,
    timers: TimerFunctions,
  ) {
    this.#socket = socket;
    this.#of = of;
    this.#listeners = listeners;
    this.#timers = new Timers(timers);
    this.#leaveHub = PresenceHub.of(socket).listen(
      of,
      (update) => this.#onUpdate(update),
    );
    this.#unlisten = [
      socket.on("state", () => this.#onState()),
      socket.on("gap", () => this.#onMissed()),
      socket.on("fresh", () => this.#mustSay = this.#state !== undefined),
    ];
    if (socket.state === "open") this.refresh();
  }

  /**
   * Who is here, by uid. Of more than a thousand, the first in order of their uids when
   * it was last asked, once a minute, or by {@linkcode Presence.refresh}.
   */
  get members(): ReadonlyMap<string, Member> {
    return this.#list.members;
  }

  /** How many are here, all of them. */
  get counts(): Counts {
    return this.#list.counts;
  }

  /** Whether there are more than `members` has. */
  get isPartial(): boolean {
    return this.#list.isPartial;
  }

  /** Whether it is how it is now: not before the first answer, nor without a socket. */
  get isCurrent(): boolean {
    return this.#isRight && this.#socket.state === "open";
  }

  /** Asks the gateway for all of it, unless it has nothing new. It is asked by itself when that is needed. */
  refresh(): void {
    if (this.#isClosed || this.#socket.state !== "open") return;
    this.#timers.clear("ask");
    this.#isAsking = true;
    const number = ++this.#asked;
    const { version: v } = this.#list;
    const question = { ...this.#of, ...(v !== undefined && { v }) };
    this.#socket.request(NAME, question).then(
      (answer) => {
        if (number === this.#asked) this.#onAnswer(answer as NamedUpdate);
      },
      ({ code }: CallError) => {
        if (number === this.#asked) this.#onFailure(code);
      },
    );
  }

  /**
   * Says something of this client's user, for all who look to see: of this group, until
   * the user leaves it. The last who says something of a user is right. It is said
   * again if the session ends and another one begins.
   *
   * @param state A small object, which can be written as JSON in 1,024 bytes; without
   * one, what was said is taken back.
   * @returns Resolves when it is so. Rejects with a `CallError`: `refused` where clients
   * may not do that, `bad` if it is too large, and as each request does.
   */
  async setState(state?: Readonly<Record<string, unknown>>): Promise<void> {
    this.#state = state;
    await this.#socket.request(NAME, { ...this.#of, state: state ?? null });
  }

  /** Looks no more, and forgets who was here. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timers.clear("ask");
    for (const unlisten of this.#unlisten) unlisten();
    this.#list.clear();
    const { isShared, state } = this.#socket;
    // Other tabs may look on.
    if (!this.#leaveHub() || isShared || state === "closed") return;
    // Nobody waits for the answer.
    this.#socket.request(NAME, { ...this.#of, end: true }).catch(() => {});
  }

  /** As {@linkcode Presence.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** A gateway that has the client again may be another one, which tells nothing yet. */
  #onState(): void {
    this.#timers.clear("ask");
    this.#retry = FIRST_RETRY;
    this.#onMissed();
  }

  #onMissed(): void {
    this.#isRight = false;
    this.refresh();
  }

  #onAnswer(answer: NamedUpdate): void {
    this.#isAsking = false;
    this.#isRight = true;
    this.#refusal = "";
    this.#retry = FIRST_RETRY;
    this.#askIn(LOOK_AGAIN);
    this.#onUpdate(answer);
    if (!this.#mustSay) return;
    this.#mustSay = false;
    // Whether it may be said was told the first time.
    this.setState(this.#state).catch(() => {});
  }

  #onFailure(code: string): void {
    this.#isAsking = false;
    if (code === "closed") return;
    const isPatient = NO_ANSWER.includes(code) || this.#retry < LAST_PATIENT;
    if (!isPatient) this.#refuse(code);
    this.#retryLater();
  }

  #onUpdate(update: NamedUpdate): void {
    if (update.over) {
      this.#refuse("over");
      return this.#retryLater();
    }
    const { v = 0, users = 0, tabs = 0, guests = 0 } = update;
    const difference = this.#list.take({ ...update, v, users, tabs, guests });
    if (difference !== undefined) {
      if (!update.same) this.#tell(difference);
    } // What is asked already will be right.
    else if (!this.#isAsking) this.#onMissed();
  }

  #refuse(code: string): void {
    this.#isRight = false;
    const left = this.#list.clear();
    if (code === this.#refusal) return;
    this.#refusal = code;
    this.#tell({ left, joined: [], changed: [], isReplaced: false });
    if (!this.#isClosed) this.#listeners.onRefused?.(code, this);
  }

  #tell({ left, joined, changed, isReplaced }: Difference): void {
    const { onList, onLeave, onJoin, onChange, onUpdate } = this.#listeners;
    if (isReplaced) onList?.(this);
    for (const member of left) onLeave?.(member, this);
    for (const member of joined) onJoin?.(member, this);
    for (const member of changed) onChange?.(member, this);
    onUpdate?.(this);
  }

  #retryLater(): void {
    this.#askIn(this.#retry);
    this.#retry = Math.min(2 * this.#retry, LOOK_AGAIN);
  }

  #askIn(time: number): void {
    if (this.#isClosed) return;
    this.#timers.set("ask", time * (1 + Math.random() / 4), () => {
      this.refresh();
    });
  }
}
