import type {
  Answered,
  Arguments,
  CallTable,
  EventTable,
  Given,
} from "../contract/contract.ts";
import type { InputOf } from "../contract/standard_schema.ts";
import type { FanOutOptions } from "./call_options.ts";
import type { AskOptions } from "./typed_options.ts";

/** Whom something is for; then, by its name, what. */
export interface Addressed<Faces> {
  /** Clients, by their ids. */
  client(clientId: string | readonly string[]): Faces;
  /** All clients of a uid, or of several. */
  uid(uid: string | readonly string[]): Faces;
  /** All clients in a group, or in any of several. */
  group(group: string | readonly string[]): Faces;
  /** Everybody. */
  all(): Faces;
}

/** Asks clients, by the name of an ask. */
export type AskFaces<Asks extends CallTable> = {
  readonly [Name in keyof Asks]: (
    ...args: Arguments<Given<Asks[Name]>, AskOptions>
  ) => Promise<ContractAnswers<Answered<Asks[Name]>>>;
};

/** Tells clients, by the name of an event. */
export type NotifyFaces<Events extends EventTable> = {
  readonly [Name in keyof Events]: (
    ...args: Arguments<InputOf<Events[Name]>, FanOutOptions>
  ) => Promise<number | undefined>;
};

/** What clients answered that were asked by a contract. */
export interface ContractAnswers<Value> {
  /** Who answered what the contract says, in the order in which it came. */
  readonly results: readonly {
    readonly clientId: string;
    readonly value: Value;
  }[];
  /** Clients that were meant and did not, each with why. */
  readonly missing: readonly MissingClient[];
  /** Addresses of gateways that did not say what their clients answered; absent if all did. */
  readonly partial?: readonly string[];
}

/** A client that gave no answer, or none that is one. */
export interface MissingClient {
  /** The client. */
  readonly clientId: string;
  /**
   * `timeout`; `gone`: it is not there any more, or was not; `plain`: it does not speak
   * `gatewayworker.v1`; `full`: too many answers wait; `called-off`: another had
   * answered; `mismatch`: its answer is not what the contract says; `unknown`: it has no
   * answerer of that name; `failed`: that threw; `too-large`, `unreadable`, or a word of
   * its own.
   */
  readonly code: string;
  /** What it said beside; with `mismatch`, `issues`. */
  readonly data?: unknown;
}
