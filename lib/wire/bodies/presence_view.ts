/**
 * Who watches which names, as workers say it to gateways, and gateways to workers: so
 * that each worker knows of which names it is responsible for each gateway.
 *
 * @module
 */
import { fnv1a, mix } from "../../base/hash_text.ts";
import {
  type BodyMap,
  decodeMap,
  encodeBody,
  numberField,
  textField,
  textListField,
  toMap,
} from "../body.ts";
import { groupName, uidName } from "./interest_name.ts";

/** What library clients may do with presence. */
export type ClientsMay = "none" | "see" | "set";

/** Names that somebody watches: exact ones, or, with `*` at their end, all that begin so. */
export interface WatchedNames {
  /** Groups. */
  readonly groups: readonly string[];
  /** Uids. */
  readonly uids: readonly string[];
}

/** What a worker watches. */
export interface PresenceWatch extends WatchedNames {
  /** What library clients may do with these names. */
  readonly clients: ClientsMay;
}

/** A worker that watches names. */
export interface WatchingWorker extends WatchedNames {
  /** Differs for every start of a process. */
  readonly instance: string;
}

/** The workers that a gateway knows. */
export interface PresenceView {
  /** Counts the gateway's views. */
  readonly view: number;
  /** All of them; absent from the end mark, which says that all follows that the view changed. */
  readonly workers: readonly WatchingWorker[] | undefined;
}

/** Encodes what a worker watches. */
export function encodeWatch(watch: PresenceWatch): Uint8Array {
  return encodeBody(watch);
}

/**
 * Decodes what a worker watches.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeWatch(bytes: Uint8Array): PresenceWatch {
  const body = decodeMap(bytes);
  const clients = textField(body, "clients");
  return {
    ...namesIn(body),
    clients: clients === "see" || clients === "set" ? clients : "none",
  };
}

/** Encodes a view, or its end mark. */
export function encodeView({ view, workers }: PresenceView): Uint8Array {
  return encodeBody(workers === undefined ? { view } : { view, workers });
}

/**
 * Decodes a view, or its end mark.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeView(bytes: Uint8Array): PresenceView {
  const body = decodeMap(bytes);
  const workers = body["workers"];
  return {
    view: numberField(body, "view") ?? 0,
    workers: Array.isArray(workers) ? workers.map(workerIn) : undefined,
  };
}

function workerIn(value: unknown): WatchingWorker {
  const body = toMap(value);
  return { instance: textField(body, "instance") ?? "", ...namesIn(body) };
}

function namesIn(body: BodyMap): WatchedNames {
  return {
    groups: textListField(body, "groups"),
    uids: textListField(body, "uids"),
  };
}

/** Finds the names that match patterns. */
export class NamePatterns {
  readonly #exact = new Set<string>();
  readonly #prefixes: string[] = [];

  /** @param watched What is watched. */
  constructor({ groups, uids }: WatchedNames) {
    const names = [...groups.map(groupName), ...uids.map(uidName)];
    for (const name of names) {
      if (name.endsWith("*")) this.#prefixes.push(name.slice(0, -1));
      else this.#exact.add(name);
    }
  }

  /** Whether a name matches any. */
  match(name: string): boolean {
    return this.#exact.has(name) ||
      this.#prefixes.some((prefix) => name.startsWith(prefix));
  }
}

interface Candidate {
  readonly instance: string;
  readonly seed: number;
  readonly patterns: NamePatterns;
}

/**
 * Says which of several workers is responsible for a name: the one of those that watch
 * it for which a hash of both is highest. Whoever knows the same workers chooses alike,
 * and when one comes or goes only its own names move.
 */
export class Responsibility {
  readonly #candidates: readonly Candidate[];

  /** @param workers All that are known. */
  constructor(workers: readonly WatchingWorker[]) {
    this.#candidates = workers.map((worker) => ({
      instance: worker.instance,
      seed: fnv1a(worker.instance),
      patterns: new NamePatterns(worker),
    }));
  }

  /** The instance of the worker that is responsible; `undefined` if none watches the name. */
  of(name: string): string | undefined {
    let best: string | undefined;
    let bestScore = -1;
    for (const { instance, seed, patterns } of this.#candidates) {
      if (!patterns.match(name)) continue;
      const score = mix(fnv1a(name, seed));
      const isEqual = score === bestScore && instance > (best ?? "");
      if (score > bestScore || isEqual) [best, bestScore] = [instance, score];
    }
    return best;
  }
}
