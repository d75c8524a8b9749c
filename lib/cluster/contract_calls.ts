import { check, checkForeign } from "../contract/check.ts";
import {
  type CallSchemas,
  Contract,
  type EventTable,
} from "../contract/contract.ts";
import { ContractError } from "../contract/contract_error.ts";
import type { FanOutOptions } from "./call_options.ts";
import type { Cluster } from "./cluster.ts";
import type {
  Addressed,
  ContractAnswers,
  MissingClient,
} from "./contract_types.ts";
import { quiet } from "./quiet.ts";
import type { TypedCalls } from "./typed_calls.ts";
import type { AskOptions, AskResult, Recipients } from "./typed_options.ts";

/** {@linkcode Cluster.ask}, with a contract and without. */
export function askerOf(calls: TypedCalls): Cluster["ask"] {
  const byContract = ({ asks }: Contract) =>
    addressed(
      asks,
      (to, name) => (data, options: AskOptions = {}) =>
        quiet(ask(calls, to, name, asks[name] ?? {}, data, options)),
    );
  return ((...[to, ...rest]: Parameters<TypedCalls["ask"]>) =>
    to instanceof Contract
      ? byContract(to)
      : calls.ask(to, ...rest)) as Cluster["ask"];
}

/** {@linkcode Cluster.notify}, with a contract and without. */
export function notifierOf(calls: TypedCalls): Cluster["notify"] {
  const byContract = ({ events }: Contract) =>
    addressed(
      events,
      (to, name) => (data, options: FanOutOptions = {}) =>
        quiet(notify(calls, to, name, events, data, options)),
    );
  return ((...[to, ...rest]: Parameters<TypedCalls["notify"]>) =>
    to instanceof Contract
      ? byContract(to)
      : calls.notify(to, ...rest)) as Cluster["notify"];
}

function addressed<Faces>(
  table: object,
  make: (to: Recipients, name: string) => (...args: never[]) => unknown,
): Addressed<Faces> {
  const faces = (to: Recipients) =>
    Object.fromEntries(
      Object.keys(table).map((name) => [name, make(to, name)]),
    ) as Faces;
  return {
    client: (client) => faces({ client }),
    uid: (uid) => faces({ uid }),
    group: (group) => faces({ group }),
    all: () => faces({ all: true }),
  };
}

async function notify(
  calls: TypedCalls,
  to: Recipients,
  name: string,
  events: EventTable,
  data: unknown,
  options: FanOutOptions,
): Promise<number | undefined> {
  const checked = check(events[name], data, `data of event "${name}"`);
  // What is told at once stays in order with what is told otherwise.
  const ready = checked instanceof Promise ? await checked : checked;
  return await calls.notify(to, name, ready, options);
}

async function ask(
  calls: TypedCalls,
  to: Recipients,
  name: string,
  schemas: CallSchemas,
  data: unknown,
  options: AskOptions,
): Promise<ContractAnswers<never>> {
  const checked = check(schemas.in, data, `data of ask "${name}"`);
  const ready = checked instanceof Promise ? await checked : checked;
  const answers = new CheckedAnswers(name, schemas);
  const { missing, partial } = await calls.collect(
    to,
    name,
    ready,
    options,
    (result) => answers.take(result),
  );
  return answers.with(missing, partial);
}

/** Answers, sorted by whether they are what a contract says. */
class CheckedAnswers {
  readonly #name: string;
  readonly #schemas: CallSchemas;
  readonly #results: { clientId: string; value: never }[] = [];
  readonly #missing: MissingClient[] = [];

  constructor(name: string, schemas: CallSchemas) {
    this.#name = name;
    this.#schemas = schemas;
  }

  /** Whether it is one. */
  async take(result: AskResult): Promise<boolean> {
    const { clientId } = result;
    if ("error" in result) {
      this.#missing.push({ clientId, ...result.error });
      return false;
    }
    try {
      const subject = `answer to ask "${this.#name}"`;
      const value = await checkForeign(
        this.#schemas.out,
        result.value,
        subject,
      );
      this.#results.push({ clientId, value: value as never });
      return true;
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      const { code, data } = error;
      this.#missing.push({ clientId, code, data });
      return false;
    }
  }

  with(
    missing: ReadonlyMap<string, string>,
    partial: readonly string[] | undefined,
  ): ContractAnswers<never> {
    const others = Array.from(missing, ([clientId, code]) => ({
      clientId,
      code,
    }));
    return {
      results: this.#results,
      missing: [...this.#missing, ...others],
      ...partial && { partial },
    };
  }
}
