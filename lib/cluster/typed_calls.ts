import { PartialResultError } from "../base/errors.ts";
import { KNOWS_SESSIONS } from "../link/link_version.ts";
import { type AskRow, encodeAskHead, readAskPart } from "../wire/bodies/ask.ts";
import { encodeBody } from "../wire/body.ts";
import { formatClientId } from "../wire/bodies/client_id.ts";
import { NO_ANSWER_ID } from "../wire/bodies/typed_frame.ts";
import {
  questionText,
  readJson,
  requestText,
} from "../wire/bodies/typed_text.ts";
import { Command } from "../wire/command.ts";
import { checkFrame, checkOptions, encodeMessage } from "./arguments.ts";
import type { Asker } from "./asker.ts";
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
export class TypedCalls
  implements Pick<Cluster, "ask" | "notify" | "isOnline" | "setWindow"> {
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
    checkOptions(options);
    const timeout = checkAskTimeout(
      options.timeout ?? Math.min(this.#asker.timeout, MAX_ASK_TIMEOUT),
    );
    const { target, connections } = checkRecipients(to);
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
    const asked = this.#asker.askAll({
      call: "ask",
      timeout: timeout + this.#asker.timeout,
      concerns: (gatewayId) =>
        this.#asker.knows(gatewayId, KNOWS_SESSIONS) &&
        (connections?.has(gatewayId) ??
          !this.#asker.isAbsent(gatewayId, names)),
      send: ({ link, gatewayId }, id) => {
        const head = heads.get(gatewayId) ?? common;
        link.sendHeaded(Command.Ask, 0, id, head, body);
      },
      take: (part, { gatewayId }) => answers.take(part, gatewayId),
      answer: () => answers.value,
    });
    return quiet(asked.catch((error) => {
      if (!(error instanceof PartialResultError)) throw error;
      return { ...answers.value, partial: error.gateways };
    }));
  }
}

/** What clients of all gateways answer. */
class Answers {
  readonly #results: AskResult[] = [];
  readonly #missing = new Set<string>();

  /** @param connections Those who were meant, if they were listed: they are missing at first. */
  constructor(
    connections: ReadonlyMap<string, readonly number[]> | undefined,
  ) {
    for (const [gatewayId, ids] of connections ?? []) {
      for (const id of ids) this.#missing.add(formatClientId(gatewayId, id));
    }
  }

  /** What was said so far. */
  get value(): AskAnswers {
    return { results: [...this.#results], missing: [...this.#missing] };
  }

  take(value: unknown, gatewayId: string): void {
    const part = readAskPart(value);
    if ("missing" in part) {
      for (const id of part.missing) {
        this.#missing.add(formatClientId(gatewayId, id));
      }
      return;
    }
    const clientId = formatClientId(gatewayId, part.client);
    this.#missing.delete(clientId);
    this.#results.push({ clientId, ...outcomeOf(part) });
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
