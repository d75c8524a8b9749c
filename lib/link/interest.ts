import { QueryTimeoutError } from "../base/errors.ts";
import { Command } from "../wire/command.ts";
import type { Link } from "./link.ts";

/** Most notes of who was told what; past it the oldest are taken back. */
const MAX_TOLD = 100_000;

/**
 * Milliseconds that a peer may take to confirm that it heard: less than those who bind
 * and join have patience, so that one peer that hangs does not make all of them fail.
 */
const CONFIRM_TIMEOUT = 2_000;

const encoder = new TextEncoder();

/** All that {@linkcode Interest} needs of a peer. */
export interface InterestedPeer {
  /** The connection. */
  readonly link: Pick<Link, "send" | "pending">;
}

/**
 * Which peers were told that nobody here has a uid or is in a group, so that they
 * send nothing for it here. When somebody is, they are told, and the bind or the join
 * counts as done when each of them has heard: what is sent after that comes.
 */
export class Interest {
  readonly #told = new Map<string, Set<InterestedPeer>>();
  readonly #announced = new Map<string, Promise<boolean>>();
  /** How many clients that are about to come have a name. */
  readonly #expected = new Map<string, number>();
  #notes = 0;

  /** Tells a peer that sent something for a name that nobody here has it. */
  absent(name: string, link: InterestedPeer): void {
    if (this.#told.get(name)?.has(link) || this.#isComing(name)) return;
    this.#note(name, link);
    link.link.send(Command.Absent, 0, 0, encoder.encode(name));
    while (this.#notes > MAX_TOLD) this.#takeBackOldest();
  }

  /**
   * Somebody here has a name now: tells those who were told that nobody has.
   *
   * @returns Resolves when they have heard, or are gone: with `false` if one of them did
   * not say so in time. `undefined` if there is nothing to wait for.
   */
  present(name: string): Promise<boolean> | undefined {
    const links = this.#told.get(name);
    if (links === undefined) return this.#announced.get(name);
    this.#told.delete(name);
    this.#notes -= links.size;
    return this.#announce(name, links);
  }

  /**
   * A client of these names is about to come: as {@linkcode Interest.present}, and
   * until {@linkcode Interest.arrived} nobody is told that they are absent.
   *
   * @returns Whether all who were told otherwise have heard.
   */
  async expect(names: readonly string[]): Promise<boolean> {
    for (const name of names) {
      this.#expected.set(name, 1 + (this.#expected.get(name) ?? 0));
    }
    const heard = await Promise.all(names.map((name) => this.present(name)));
    return !heard.includes(false);
  }

  /** The client of these names has come, or will not. */
  arrived(names: readonly string[]): void {
    for (const name of names) {
      const left = (this.#expected.get(name) ?? 1) - 1;
      if (left > 0) this.#expected.set(name, left);
      else this.#expected.delete(name);
    }
  }

  /**
   * Somebody may have any name by now: whoever was told of one that nobody has it is to
   * forget all of them, by a Present without a name, for which nobody waits.
   */
  presentAll(): void {
    const links = new Set(
      [...this.#told.values()].flatMap((each) => [...each]),
    );
    this.#told.clear();
    this.#notes = 0;
    for (const { link } of links) link.send(Command.Present, 0, 0);
  }

  /** A peer is gone. */
  forget(link: InterestedPeer): void {
    for (const [name, links] of this.#told) {
      if (!links.delete(link)) continue;
      this.#notes--;
      if (links.size === 0) this.#told.delete(name);
    }
  }

  #isComing(name: string): boolean {
    return this.#announced.has(name) || this.#expected.has(name);
  }

  #announce(
    name: string,
    links: Iterable<InterestedPeer>,
  ): Promise<boolean> {
    const payload = encoder.encode(name);
    const confirmations = Array.from(links, (peer) => {
      const { id, reply } = peer.link.pending.add(CONFIRM_TIMEOUT);
      peer.link.send(Command.Present, 0, id, payload);
      return reply.then(() => true, (error) => this.#isGone(name, peer, error));
    });
    // Others may still have to confirm an earlier announcement.
    const earlier = this.#announced.get(name) ?? true;
    const heard = Promise.all([earlier, ...confirmations]).then((all) => {
      if (this.#announced.get(name) === heard) this.#announced.delete(name);
      return !all.includes(false);
    });
    this.#announced.set(name, heard);
    return heard;
  }

  /** Why a peer does not confirm: one that is only silent is told again the next time. */
  #isGone(name: string, peer: InterestedPeer, error: unknown): boolean {
    if (!(error instanceof QueryTimeoutError)) return true;
    this.#note(name, peer);
    return false;
  }

  /** A peer believes, or may do so, that nobody here has a name. */
  #note(name: string, peer: InterestedPeer): void {
    const peers = this.#told.get(name) ?? new Set();
    if (peers.has(peer)) return;
    this.#told.set(name, peers.add(peer));
    this.#notes++;
  }

  #takeBackOldest(): void {
    for (const [name, links] of this.#told) {
      this.#told.delete(name);
      this.#notes -= links.size;
      void this.#announce(name, links);
      return;
    }
  }
}
