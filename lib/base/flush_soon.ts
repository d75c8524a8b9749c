/**
 * Hot: runs once per batch of reads. Whoever appends to an outbox asks for a flush;
 * the flush runs when the current run of promise jobs is over, so that all that was
 * parsed from one read leaves in one write per destination.
 *
 * The runtime lets one turn of its event loop start 128 reads and writes; one beyond
 * that is put aside and started a second time, which costs half as much again.
 * So links, which are few and have others waiting behind them, are flushed at once,
 * and clients some in each turn.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** Something with bytes to write. */
export interface Flushable {
  /** Starts a write if there are bytes and none is in flight. */
  flush(): void;
}

/** Clients flushed in a turn: leaves the other half of a turn to reads. */
const CLIENTS_PER_TURN = 64;

/**
 * How many times the flush puts itself behind the promise jobs that are queued. Each
 * `await` of a promise that is settled already takes one or more rounds of jobs, so a
 * handler with a few of them still gets all that it sends into the same write.
 */
const HOPS = 4;

let links: Flushable[] = [];
let clients: Flushable[] = [];
/** Clients that asked before those in `clients`; from `next` on they wait. */
let due: Flushable[] = [];
let next = 0;
let isAsked = false;
let hops = 0;
let isTurnAsked = false;

/** Flushes a link when the code that runs now has come to its end. */
export function flushSoon(link: Flushable): void {
  links.push(link);
  if (!isAsked) ask();
}

/** Flushes a client's outbox after all links, and after the clients that asked before. */
export function flushInTurn(client: Flushable): void {
  clients.push(client);
  if (!isAsked) ask();
}

function ask(): void {
  isAsked = true;
  hops = HOPS;
  queueMicrotask(flushAll);
}

function flushAll(): void {
  if (hops-- > 0) return queueMicrotask(flushAll);
  isAsked = false;
  if (links.length > 0) flushLinks();
  if (!isTurnAsked) flushClients();
}

function flushLinks(): void {
  const targets = links;
  links = [];
  for (const link of targets) link.flush();
}

function flushClients(): void {
  isTurnAsked = false;
  for (let left = CLIENTS_PER_TURN; left > 0; left--) {
    const client = takeClient();
    if (client === undefined) return;
    client.flush();
  }
  isTurnAsked = true;
  setImmediate(flushClients);
}

function takeClient(): Flushable | undefined {
  if (next === due.length) {
    due = clients;
    clients = [];
    next = 0;
    if (due.length === 0) return undefined;
  }
  return due[next++];
}
