/**
 * Hot: whoever has something to send borrows an outbox here, and gives it back when
 * all has left. So a client that is sent nothing has none, which is a twentieth of
 * what it takes, and those that are busy use the same few again and again.
 *
 * @module
 */
import {
  type ByteWriter,
  Outbox,
  type OutboxOwner,
  type OutboxRules,
} from "./outbox.ts";
import { Surplus } from "./surplus.ts";

/** Most that are kept for the next. */
const MAX_SPARE = 256;

const spare: Outbox[] = [];

/** Nobody's: what waits in the pool holds on to no client. */
const NOBODY: ByteWriter & OutboxOwner = {
  write: () => Promise.reject(new TypeError("Cannot write as nobody is there")),
  onRelease() {},
  onDrained() {},
  onRecalled() {},
  onWriteFailed() {},
};

const NO_RULES: OutboxRules = {
  sendBuffer: 0,
  writeWindow: undefined,
  surplus: new Surplus({ now: () => 0, limit: 0 }),
};

/** Returns an empty outbox. */
export function takeOutbox(
  writer: ByteWriter,
  rules: OutboxRules,
  owner: OutboxOwner,
): Outbox {
  const outbox = spare.pop();
  if (outbox === undefined) return new Outbox(writer, rules, owner);
  outbox.serve(writer, rules, owner);
  return outbox;
}

/** Takes back an outbox that is idle; its owner has forgotten it. */
export function giveOutbox(outbox: Outbox): void {
  if (spare.length >= MAX_SPARE) return;
  outbox.serve(NOBODY, NO_RULES, NOBODY);
  spare.push(outbox);
}
