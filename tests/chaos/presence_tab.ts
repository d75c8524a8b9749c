import { now } from "../../lib/base/clock.ts";
import type { State, TrueUser } from "./presence_truth.ts";

/** Milliseconds from a connection that failed, or was lost, to the next one. */
const REDIAL = 50;

/** Where tabs connect. */
export interface Doors {
  /** Where a gateway listens that is up, `host:port`. */
  address(): string;
}

/** One tab of a user: a plain WebSocket, which connects anew if its gateway is lost. */
export class Tab {
  readonly #user: TrueUser;
  readonly #doors: Doors;
  #address = "";
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  readonly #said = new Map<string, () => void>();
  #isClosed = false;
  /** Whether it was in when its gateway was killed. */
  #isLost = false;
  /** Whether a handler has let it in. */
  isIn = false;
  /** Whether it stays away if its gateway is lost, as a laptop that is shut. */
  isTired = false;

  /**
   * @param user Whose it is.
   * @param doors Where it connects.
   * @param onChange Told when it was let in, and when it is gone.
   */
  constructor(
    user: TrueUser,
    doors: Doors,
    readonly onChange: () => void,
  ) {
    this.#user = user;
    this.#doors = doors;
    this.#dial();
  }

  /** Whether it is closed for good. */
  get isOver(): boolean {
    return this.#isClosed;
  }

  /** Whether it is about to be let in, or waits for an answer. */
  get isBusy(): boolean {
    return !this.#isClosed && (!this.isIn || this.#said.size > 0);
  }

  /** What it waits for, in words. */
  get standing(): string {
    const { uid } = this.#user;
    return this.isIn
      ? `${uid} waits for ${this.#said.size} answers`
      : `${uid} is not in, its socket is at ${this.#socket?.readyState}`;
  }

  /** Says something of its user; resolves when it is so. */
  say(state: State): Promise<void> {
    const n = `${++this.#asked}`;
    return new Promise((resolve) => {
      this.#said.set(n, () => {
        this.#said.delete(n);
        this.#user.state = state;
        resolve();
      });
      this.#socket?.send(JSON.stringify({ n, state }));
    });
  }

  /** A gateway is killed: whoever is there is gone, whenever the socket says so. */
  lose(address: string): void {
    if (this.#address !== address || !this.isIn) return;
    this.#isLost = true;
    this.#onGone();
  }

  /** Closes it, for good. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#onGone();
  }

  #dial(): void {
    const { uid, room } = this.#user;
    const query = `?name=${uid}&room=${room}&room=everybody`;
    this.#address = this.#doors.address();
    this.#isLost = false;
    const socket = new WebSocket(`ws://${this.#address}/${query}`);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (data === "in") this.#onIn(socket);
      else this.#said.get(`${data}`)?.();
    };
    socket.onerror = () => {};
    socket.onclose = () => {
      if (this.#isClosed || socket !== this.#socket) return;
      const wasIn = this.isIn || this.#isLost;
      // Nobody knows whether it was heard.
      if (this.#said.size > 0) this.#user.isUncertain = true;
      this.#said.clear();
      this.#onGone();
      if (wasIn && this.isTired) this.#isClosed = true;
      else this.#timer = setTimeout(() => this.#dial(), REDIAL);
    };
  }

  #onIn(socket: WebSocket): void {
    if (socket !== this.#socket || this.isIn || this.#isClosed) return;
    this.isIn = true;
    this.#user.onIn(now());
    this.onChange();
  }

  #onGone(): void {
    if (!this.isIn) return;
    this.isIn = false;
    this.#user.onGone(now());
    this.onChange();
  }
}
