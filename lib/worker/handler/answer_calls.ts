import type { Cluster } from "../../cluster/cluster.ts";
import { CallError } from "../../client/call_error.ts";
import { check, checkForeign } from "../../contract/check.ts";
import type {
  CallSchemas,
  CallTable,
  Contract,
  Returned,
  Taken,
} from "../../contract/contract.ts";
import { ContractError } from "../../contract/contract_error.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import type { RequestEvent } from "./handler.ts";

const logger = roomLogger("worker");

/** A key that a log line may show: it looks like one that a program gave. */
const FIELD = /^[A-Za-z_$][\w$]{0,31}$|^\d{1,9}$/;

/** How many keys of a path a log line shows. */
const MAX_FIELDS = 8;

/** What a handler of a call is told beside the data. */
export type CallEvent = Pick<
  RequestEvent,
  "client" | "id" | "redelivered" | "signal" | "wantsAnswer"
>;

/** What answers each call of a contract. */
export type CallHandlers<Calls extends CallTable> = {
  readonly [Name in keyof Calls]: (
    data: Taken<Calls[Name]>,
    event: CallEvent,
    cluster: Cluster,
  ) => Returned<Calls[Name]> | Promise<Returned<Calls[Name]>>;
};

/**
 * Answers the calls of a contract: what a client sends is checked before its handler
 * runs, and what that returns before the client gets it. A client whose data does not
 * match is told `mismatch` with the issues; one whose answer does not match is told
 * `failed`, and the log says of which call. No line of the log shows what was sent. A
 * handler that throws a {@linkcode CallError} answers with its code and data.
 *
 * @param contract What the client was given, too.
 * @param handlers One for each call.
 * @returns What {@linkcode defineHandler} takes for `request`. Names that the contract
 * does not have are answered `unknown`.
 * @throws {TypeError} If a call has no handler.
 *
 * @example
 * ```ts ignore
 * import { answerCalls, defineHandler } from "@gatewayworker/core";
 * import { chat } from "./chat.ts";
 *
 * export default defineHandler({
 *   request: answerCalls(chat, {
 *     say: async ({ text }, { client }, cluster) => {
 *       const by = client.uid ?? "somebody";
 *       await cluster.notify(chat).all().said({ text, by });
 *       return text.length;
 *     },
 *   }),
 * });
 * ```
 */
export function answerCalls<Of extends Contract>(
  contract: Of,
  handlers: CallHandlers<Of["calls"]>,
): (event: RequestEvent, cluster: Cluster) => Promise<void> {
  const answers = answersOf(contract, handlers);
  const log = new ContractLog();
  return async (event, cluster) => {
    const { name } = event;
    const found = answers.get(name);
    if (found === undefined) return;
    const { schemas, handle } = found;
    let data: unknown;
    try {
      const subject = `data of call "${name}"`;
      data = await checkForeign(schemas.in, dataOf(event, subject), subject);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      log.refused(name, event.client.id);
      return event.fail(error.code, error.data);
    }
    let answer: unknown;
    try {
      answer = await handle(data, event, cluster);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return event.fail(error.code, error.data);
    }
    try {
      answer = await check(schemas.out, answer, `answer to call "${name}"`);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      log.broken(name, event.client.id, error);
      return event.fail("failed");
    }
    event.answer(answer);
  };
}

type AnyHandler = (
  data: unknown,
  event: CallEvent,
  cluster: Cluster,
) => unknown;

interface Answer {
  readonly schemas: CallSchemas;
  readonly handle: AnyHandler;
}

function answersOf(
  { calls }: Contract,
  handlers: object,
): ReadonlyMap<string, Answer> {
  const given = new Map<string, unknown>(Object.entries(handlers));
  return new Map(
    Object.entries(calls).map(([name, schemas]) => {
      const handle = given.get(name);
      if (typeof handle === "function") {
        return [name, { schemas, handle: handle as AnyHandler }];
      }
      throw new TypeError(
        `Cannot answer call "${name}" as it must have a handler: found ${typeof handle}`,
      );
    }),
  );
}

function dataOf(event: RequestEvent, subject: string): unknown {
  try {
    return event.data();
  } catch {
    // What is thrown shows what was sent.
    throw new ContractError(subject, [{ path: [], message: "Not JSON" }]);
  }
}

/** What a worker says of payloads that do not match, and never of what is in them. */
class ContractLog {
  readonly #limited = new RateLimitedLog();

  /** What a client sent. */
  refused(name: string, client: string): void {
    this.#limited.once(`in ${name}`, (suppressed) => {
      logger.warn(
        "Refused call {name} of client {client}: its data does not match the contract ({suppressed} like this before)",
        { name, client, suppressed },
      );
    });
  }

  /** What a handler answered: where may be told as far as it names fields. */
  broken(name: string, client: string, { issues }: ContractError): void {
    const path = issues[0]?.path.slice(0, MAX_FIELDS)
      .map((key) => FIELD.test(`${key}`) ? key : "?").join(".");
    this.#limited.once(`out ${name}`, (suppressed) => {
      logger.error(
        'Answer to call {name} of client {client} does not match the contract, at "{path}": told it that the call failed ({suppressed} like this before)',
        { name, client, path, suppressed },
      );
    });
  }
}
