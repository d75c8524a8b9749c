import { PartialResultError } from "../base/errors.ts";
import { KNOWS_SESSIONS } from "../link/link_version.ts";
import {
  type AskRow,
  encodeAskHead,
  encodeEndAsk,
  readAskPart,
} from "../wire/bodies/ask.ts";
import { encodeBody } from "../wire/body.ts";
import { formatClientId } from "../wire/bodies/client_id.ts";
import { NO_ANSWER_ID } from "../wire/bodies/typed_frame.ts";
import {
  questionText,
  readJson,
  requestText,
} from "../wire/bodies/typed_text.ts";
import { Command } from "../wire/command.ts";
import {
  checkCells,
  checkFrame,
  checkOptions,
  encodeMessage,
} from "./arguments.ts";
import type { Asker } from "./asker.ts";
import type { WriteCommand } from "./crossings.ts";
import type { FanOutOptions } from "./call_options.ts";
import type { Changer } from "./changer.ts";
import type { Cluster } from "./cluster.ts";
import { quiet } from "./quiet.ts";
import type { Sender } from "./sender.ts";
import {
  checkAskTimeout,
  checkRecipients,
  checkRequestName,
  checkWindow,
  MAX_ASK_TIMEOUT,
  namesOf,
} from "./typed_arguments.ts";
import type {
  AskAnswers,
  AskOptions,
  AskResult,
  OnlineOptions,
  Recipients,
} from "./typed_options.ts";

/** What {@linkcode TypedCalls} work with. */
export interface TypedCallsParts {
  /** Knows the gateways. */
  readonly asker: Asker;
  /** Sends to clients. */
  readonly sender: Sender;
  /** Changes clients. */
  readonly changer: Changer;
}

/** The part of {@linkcode Cluster} that has to do with clients that speak `gatewayworker.v1`. */
export class TypedCalls implements Pick<Cluster, "isOnline" | "setWindow"> {
  readonly #asker: Asker;
  readonly #sender: Sender;
  readonly #changer: Changer;

  /** Takes what others make. */
  constructor({ asker, sender, changer }: TypedCallsParts) {
    this.#asker = asker;
    this.#sender = sender;
    this.#changer = changer;
  }

  /** See {@linkcode Cluster.isOnline}. */
  isOnline(clientId: string, options: OnlineOptions = {}): Promise<boolean> {
    checkOptions(options);
    const head = options.attached ? encodeBody({ attached: true }) : undefined;
    return this.#changer.change(Command.IsOnline, clientId, head && { head });
  }

  /** See {@linkcode Cluster.setWindow}. */
  setWindow(clientId: string, window: number): Promise<boolean> {
    const head = encodeBody({ window: checkWindow(window) });
    return this.#changer.change(Command.SetWindow, clientId, { head });
  }

  /** See {@linkcode Cluster.notify}. */
  notify(
    to: Recipients,
    name: string,
    data?: unknown,
    options: FanOutOptions = {},
  ): Promise<number | undefined> {
    const { target, connections } = checkRecipients(to);
    return this.#sender.toMany({
      call: "notify",
      command: target.uids
        ? Command.SendToUid
        : target.groups
        ? Command.SendToGroup
        : Command.SendToAll,
      message: requestText(NO_ANSWER_ID, checkRequestName(name), data),
      options,
      target,
      connections,
      kind: "typed",
    });
  }

  /** See {@linkcode Cluster.ask}. */
  ask(
    to: Recipients,
    name: string,
    data?: unknown,
    options: AskOptions = {},
  ): Promise<AskAnswers> {
    const asked = this.collect(
      to,
      name,
      data,
      options,
      (result) => "value" in result,
    );
    return quiet(asked.then(({ missing, ...rest }) => ({
      ...rest,
      missing: [...missing.keys()],
    })));
  }

  /**
   * Does what {@linkcode Cluster.ask} does, and says of each client why it is missing.
   *
   * @param isGood Called with each answer, says whether it is enough for `first`.
   */
  collect(
    to: Recipients,
    name: string,
    data: unknown,
    options: AskOptions,
    isGood: (result: AskResult) => boolean | Promise<boolean>,
  ): Promise<Collected> {
    checkOptions(options);
    const timeout = checkAskTimeout(
      options.timeout ?? Math.min(this.#asker.timeout, MAX_ASK_TIMEOUT),
    );
    const cells = checkCells(options.cells);
    const { target, connections: listed } = checkRecipients(to);
    const connections = listed && this.#asker.allAtHome(listed);
    const body = encodeMessage(questionText(checkRequestName(name), data));
    const names = namesOf(target);
    const answers = new Answers(connections);
    const headOf = (ids?: readonly number[]) => {
      const head = encodeAskHead({ ...target, connections: ids, timeout });
      checkFrame(head, body);
      return head;
    };
    const common = headOf();
    const heads = new Map(
      Array.from(connections ?? [], ([id, ids]) => [id, headOf(ids)]),
    );
    const open = new Map<string, number>();
    const judge = async (result: AskResult) => {
      const isEnough = await isGood(result);
      if (options.first && isEnough) this.#end(open);
    };
    const judged: Promise<void>[] = [];
    const send: WriteCommand = ({ link, gatewayId }, id) => {
      const head = heads.get(gatewayId) ?? common;
      link.sendHeaded(Command.Ask, 0, id, head, body);
    };
    const { crossings } = this.#asker;
    const abroad = connections
      ? crossings.toGateways(connections.keys(), send)
      : names.length > 0 || cells === "all"
      ? crossings.wrapped({ names, timeout }, send)
      : undefined;
    const asked = this.#asker.askAll({
      call: "ask",
      routes: abroad,
      timeout: timeout + this.#asker.timeout,
      concerns: (gatewayId) =>
        this.#asker.knows(gatewayId, KNOWS_SESSIONS) &&
        (connections?.has(gatewayId) ??
          !this.#asker.isAbsent(gatewayId, names)),
      send: (gateway, id) => {
        open.set(gateway.gatewayId, id);
        send(gateway, id);
      },
      take: (part, { gatewayId }) => {
        const result = answers.take(part, gatewayId);
        if (result) judged.push(quiet(judge(result)));
      },
      answer: () => answers.value,
    });
    const all = asked.catch((error) => {
      if (!(error instanceof PartialResultError)) throw error;
      return { ...answers.value, partial: error.gateways };
    });
    return quiet(all.then(async (collected) => {
      await Promise.all(judged);
      return collected;
    }));
  }

  /** Has gateways ask no further; those that cannot go on until the time is over. */
  #end(open: Map<string, number>): void {
    for (const [gatewayId, ask] of open) {
      const gateway = this.#asker.gatewayOf({ gatewayId, connectionId: 0 });
      if (gateway === undefined) continue;
      const head = encodeEndAsk(ask);
      this.#asker.askLinked(
        gateway,
        (link, id) => link.sendHeaded(Command.EndAsk, 0, id, head),
      ).catch(() => {
        // One of before does not know the command, or is gone.
      });
    }
    open.clear();
  }
}

/** What clients answered, and which did not, with why. */
export interface Collected extends Omit<AskAnswers, "missing"> {
  /** By client; `gone` where its gateway did not say. */
  readonly missing: ReadonlyMap<string, string>;
}

/** What clients of all gateways answer. */
class Answers {
  readonly #results: AskResult[] = [];
  readonly #missing = new Map<string, string>();

  /** @param connections Those who were meant, if they were listed: they are missing at first. */
  constructor(
    connections: ReadonlyMap<string, readonly number[]> | undefined,
  ) {
    for (const [gatewayId, ids] of connections ?? []) {
      for (const id of ids) {
        this.#missing.set(formatClientId(gatewayId, id), "gone");
      }
    }
  }

  /** What was said so far. */
  get value(): Collected {
    return { results: [...this.#results], missing: new Map(this.#missing) };
  }

  /** Takes a part of what a gateway says; returns the answer, if it is one. */
  take(value: unknown, gatewayId: string): AskResult | undefined {
    const part = readAskPart(value);
    if ("missing" in part) {
      for (const [index, id] of part.missing.entries()) {
        const reason = part.reasons[index] ?? "gone";
        this.#missing.set(formatClientId(gatewayId, id), reason);
      }
      return undefined;
    }
    const clientId = formatClientId(gatewayId, part.client);
    this.#missing.delete(clientId);
    const result = { clientId, ...outcomeOf(part) };
    this.#results.push(result);
    return result;
  }
}

type Outcome =
  | { readonly value: unknown }
  | { readonly error: { readonly code: string; readonly data: unknown } };

function outcomeOf({ code, data, binary }: AskRow): Outcome {
  if (binary) return { value: data };
  let value: unknown;
  try {
    value = readJson(data);
  } catch {
    // A client may say anything.
    return { error: { code: "unreadable", data: undefined } };
  }
  return code === undefined ? { value } : { error: { code, data: value } };
}
