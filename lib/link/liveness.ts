import { now } from "../base/clock.ts";

/** What a ping's number holds of the time: what fits into a small integer. */
const TIME_MASK = 0x7fff_ffff;

/** Milliseconds that a ping may stay without an answer before nobody waits for it. */
const MUTE_AFTER = 1_000;

/** A ping that is not answered. */
interface OpenPing {
  /** Bytes that were appended to the link by then, the ping's among them. */
  readonly bytes: number;
  /** When it was appended. */
  readonly time: number;
}

/**
 * Whether the other end of a link gives signs of life, looked at once every heartbeat,
 * and how far it has certainly read: pings are answered in the order of all that comes.
 */
export class Liveness {
  #isHeard = true;
  #missed = 0;
  readonly #open: OpenPing[] = [];
  #readBytes = 0;
  /** Milliseconds that the last ping took to be answered. */
  roundTrip = 0;

  /** Heartbeats in a row without a byte. */
  get missed(): number {
    return this.#missed;
  }

  /** Hot: a byte came. */
  hear(): void {
    this.#isHeard = true;
  }

  /** A heartbeat is over: looks whether a byte came since the last one. */
  beat(): void {
    this.#missed = this.#isHeard ? 0 : this.#missed + 1;
    this.#isHeard = false;
  }

  /** Bytes of this link that the other end has certainly read, and acted upon. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** Whether the other end has long owed an answer, so that nobody should wait for it. */
  get isMute(): boolean {
    const [oldest] = this.#open;
    return oldest !== undefined && now() - oldest.time >= MUTE_AFTER;
  }

  /** The number that a ping is to have. */
  get ping(): number {
    return now() & TIME_MASK;
  }

  /** Bytes up to which an answer will tell, if all pings are answered. */
  get pingedBytes(): number {
    return this.#open.at(-1)?.bytes ?? this.#readBytes;
  }

  /** A ping was appended, with which the link has so many bytes. */
  onPing(bytes: number): void {
    this.#open.push({ bytes, time: now() });
  }

  /** A ping of that number was answered. */
  onPong(ping: number): void {
    this.roundTrip = (now() & TIME_MASK) - ping;
    this.#readBytes = this.#open.shift()?.bytes ?? this.#readBytes;
  }
}
