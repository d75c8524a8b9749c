import { Emitter } from "../client/emitter.ts";
import type { Answerer, Ask, RequestOptions } from "../client/calls.ts";
import { check } from "./check.ts";
import type {
  Answered,
  Arguments,
  CallSchemas,
  CallTable,
  Contract,
  EventTable,
  Given,
  OnWire,
  Returned,
  Taken,
} from "./contract.ts";
import { ContractError, type ContractIssue } from "./contract_error.ts";
import type { OutputOf } from "./standard_schema.ts";

/** As much of a client as {@linkcode typed} needs: every client of this package has it. */
export interface TypedSocket {
  /** Asks the handler something. */
  request(
    name: string,
    data?: unknown,
    options?: RequestOptions,
  ): Promise<unknown>;
  /** Takes typed events, and answers what is asked. */
  handle(name: string, answerer: Answerer): () => void;
}

/** Options for {@linkcode typed}. */
export interface TypedOptions {
  /**
   * Whether payloads are checked here, too, before they leave and when they come. The
   * worker checks them in any case.
   *
   * @default {false}
   */
  readonly check?: boolean;
}

/** Asks the handler, by the name of a call. */
export type CallFaces<Calls extends CallTable> = {
  readonly [Name in keyof Calls]: (
    ...args: Arguments<Given<Calls[Name]>, RequestOptions>
  ) => Promise<OnWire<Answered<Calls[Name]>>>;
};

/** Listens, by the name of an event; returns what stops it. */
export type ListenFaces<Events extends EventTable> = {
  readonly [Name in keyof Events]: (
    listener: (data: OnWire<OutputOf<Events[Name]>>) => void,
  ) => () => void;
};

/** Says who answers, by the name of an ask; returns what removes it. */
export type AnswerFaces<Asks extends CallTable> = {
  readonly [Name in keyof Asks]: (
    answerer: (
      data: OnWire<Taken<Asks[Name]>>,
      ask: Ask,
    ) => Returned<Asks[Name]> | Promise<Returned<Asks[Name]>>,
  ) => () => void;
};

/** A client as a contract sees it: made by {@linkcode typed}. */
export interface TypedClient<Of extends Contract> {
  /**
   * Asks the handler: `call.say(data, options)`. Rejects as `Client.request` does, and
   * with a {@linkcode ContractError} if the data, or with `check` the answer, does not
   * match.
   */
  readonly call: CallFaces<Of["calls"]>;
  /** Listens: `on.said(listener)`, as often as wanted. */
  readonly on: ListenFaces<Of["events"]>;
  /** Answers: `answer.confirm(answerer)`, one for each name. */
  readonly answer: AnswerFaces<Of["asks"]>;
}

/**
 * Gives a client the types of a contract.
 *
 * @param socket The client: of `connect`, or of `connectShared`.
 * @param contract Without it, types alone are used, `typed<typeof chat>(socket)`: a page
 * then loads no schemas, and nothing is checked there.
 * @param options Whether payloads are checked here, too.
 * @returns What can be called, listened to and answered.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@gatewayworker/core/client";
 * import { typed } from "@gatewayworker/core/contract";
 * import { chat } from "./chat.ts";
 *
 * const { call, on, answer } = typed(connect("wss://example.com/"), chat);
 * on.said(({ by, text }) => show(by, text));
 * answer.confirm((question) => window.confirm(question));
 * const number = await call.say({ text: "hi" }, { timeout: 3_000 });
 * ```
 */
export function typed<Of extends Contract>(
  socket: TypedSocket,
  contract?: Of,
  { check = false }: TypedOptions = {},
): TypedClient<Of> {
  const checked = check ? contract : undefined;
  const emitter = new Emitter<Record<string, unknown>>();
  const listened = new Set<string>();
  return {
    call: faces(
      contract?.calls,
      (name) => (data, options) =>
        call(socket, name, checked?.calls[name], data, options),
    ),
    on: faces(contract?.events, (name) => (listener) => {
      if (!listened.has(name)) {
        listened.add(name);
        const schema = checked?.events[name];
        socket.handle(name, async (data) => {
          if (schema) await inspect(schema, data, `data of event "${name}"`);
          emitter.emit(name, data);
        });
      }
      return emitter.on(name, listener);
    }),
    answer: faces(
      contract?.asks,
      (name) => (answerer) =>
        socket.handle(name, answererOf(name, checked?.asks[name], answerer)),
    ),
  } as Faces as unknown as TypedClient<Of>;
}

/** Functions by name, before the compiler is told of which types. */
type Faces = Record<string, Record<string, (...args: never[]) => unknown>>;

/** One function for each name; where names are not known, for whichever is asked for. */
function faces<Face>(
  table: object | undefined,
  make: (name: string) => Face,
): Record<string, Face> {
  if (table) {
    return Object.fromEntries(
      Object.keys(table).map((name) => [name, make(name)]),
    );
  }
  return new Proxy({}, {
    get: (_target, name) =>
      // No promise: it may be returned by an async function.
      typeof name === "string" && name !== "then" ? make(name) : undefined,
  });
}

async function call(
  socket: TypedSocket,
  name: string,
  schemas: CallSchemas | undefined,
  data: unknown,
  options?: RequestOptions,
): Promise<unknown> {
  const subject = `data of call "${name}"`;
  const wait = inspect(schemas?.in, data, subject);
  // An order of calls is kept where schemas let it be.
  if (wait instanceof Promise) await wait;
  try {
    const answer = await socket.request(name, data, options);
    await inspect(schemas?.out, answer, `answer to call "${name}"`);
    return answer;
  } catch (error) {
    throw told(error, subject);
  }
}

/** Checks what stays as it is: the worker makes of it what the schema does. */
function inspect(...args: Parameters<typeof check>): void | Promise<void> {
  const result = check(...args);
  if (result instanceof Promise) return result.then(() => {});
}

/** What the worker said of a payload, as the error that it is here. */
function told(error: unknown, subject: string): unknown {
  const { code, data } = error as { code?: unknown; data?: unknown };
  if (code !== "mismatch" || error instanceof ContractError) return error;
  const { issues } = (data ?? {}) as { issues?: readonly ContractIssue[] };
  return new ContractError(subject, issues ?? []);
}

function answererOf(
  name: string,
  schemas: CallSchemas | undefined,
  answerer: (data: never, ask: Ask) => unknown,
): Answerer {
  if (!schemas) return answerer as Answerer;
  return async (data, ask) => {
    await inspect(schemas.in, data, `data of ask "${name}"`);
    const answer = await answerer(data as never, ask);
    await inspect(schemas.out, answer, `answer to ask "${name}"`);
    return answer;
  };
}
