/**
 * What a process of ours can be asked, by its supervisor or over its control socket,
 * and what it answers.
 *
 * @module
 */
import type { ConnectionList } from "../../wire/bodies/connection_list.ts";
import { messageOf } from "../../base/errors.ts";
import type { ClusterReport, DrainReport } from "../../observe/report.ts";
import type { UsageNews, UsageRound } from "../../gateway/clients/usage.ts";
import type { DrainOrder } from "../../process/control.ts";

/** What can be asked. */
export type ProcessQuestion =
  /** How is everybody below you? Answered by a {@linkcode ClusterReport}. */
  | { readonly about: "report" }
  /** How is the whole cluster? Answered likewise, by a Register. */
  | { readonly about: "cluster" }
  /** Read keys and certificates again. Answered by what went wrong, if anything did. */
  | { readonly about: "trust" }
  /** Send clients away. Answered by how far that came, or by what went wrong. */
  | DrainQuestion
  /** You will be stopped soon: say so to balancers. Answered by nothing. */
  | { readonly about: "stop" }
  /** What is used of what gateways share? Answered by a {@linkcode UsageNews}. */
  | { readonly about: "usage"; readonly round: UsageRound }
  /** Who is connected? Answered by a {@linkcode ConnectionList}. */
  | { readonly about: "connections"; readonly limit: number };

/** Clients are to leave a gateway; see `DrainOrder`. */
export interface DrainQuestion
  extends Pick<DrainOrder, "rate" | "share" | "cancel" | "by"> {
  /** Says that it is this. */
  readonly about: "drain";
}

/** See {@linkcode ProcessQuestion}: only a supervisor asks that. */
type UsageQuestion = Extract<ProcessQuestion, { about: "usage" }>;

/** A gateway that ended before it had answered. */
export interface LostGateway {
  /** What people call it: `gateway 1`. */
  readonly name: string;
  /** The process that it was. */
  readonly pid: number | undefined;
}

/** How far gateways came with a drain. */
export interface DrainEnd extends DrainReport {
  /** Those of a supervisor that ended meanwhile; absent for none. */
  readonly lost?: readonly LostGateway[];
}

/** What became of it. */
export type DrainAnswer = DrainEnd | { readonly failure: string };

/** What one process can tell. */
export interface Answers {
  /** How everybody below this process is. */
  report(): ClusterReport | Promise<ClusterReport>;
  /** How the whole cluster is. */
  cluster?(): ClusterReport | Promise<ClusterReport>;
  /** Reads keys and certificates again. */
  renewTrust?(): Promise<void>;
  /** Sends clients away; resolves when they have gone, or do not go. */
  drain?(order: DrainQuestion): Promise<DrainAnswer | undefined>;
  /** Says to balancers that it will be stopped. */
  expectStop?(): void | Promise<void>;
  /** Takes what other gateways use, and tells what this one does. */
  shareUsage?(round: UsageRound): UsageNews;
  /** Some of the clients that are connected to it. */
  connections?(limit: number): ConnectionList | Promise<ConnectionList>;
}

/** A cluster of nobody. */
export const NOBODY: Omit<ClusterReport, "bridges"> = {
  registers: [],
  gateways: [],
  workers: [],
};

/** Answers a question as it came; `undefined` to what is none. */
export async function answer(
  question: unknown,
  answers: Answers,
): Promise<unknown> {
  switch (readQuestion(question)) {
    case "report":
      return await answers.report();
    case "cluster":
      return await answers.cluster?.();
    case "trust":
      return await tryToRenew(answers);
    case "drain":
      return await tryToDrain(answers, question as DrainQuestion);
    case "stop":
      return await answers.expectStop?.();
    case "usage":
      return answers.shareUsage?.((question as UsageQuestion).round);
    case "connections":
      return await answers.connections?.(limitOf(question)) ?? NO_CONNECTIONS;
    default:
      return undefined;
  }
}

async function tryToRenew(answers: Answers): Promise<{ failure?: string }> {
  try {
    await answers.renewTrust?.();
    return {};
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

async function tryToDrain(
  answers: Answers,
  question: DrainQuestion,
): Promise<DrainAnswer | undefined> {
  try {
    return await answers.drain?.(question);
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

/** No client at all. */
const NO_CONNECTIONS: ConnectionList = { total: 0, rows: [] };

/** Whether what a process of ours answered is a report. */
export function isClusterReport(value: unknown): value is ClusterReport {
  return typeof value === "object" && value !== null && "registers" in value &&
    "gateways" in value && "workers" in value;
}

/** Whether what a process of ours answered is about connections. */
export function isConnectionList(value: unknown): value is ConnectionList {
  return typeof value === "object" && value !== null && "total" in value &&
    "rows" in value;
}

const ABOUT = [
  "report",
  "cluster",
  "trust",
  "drain",
  "stop",
  "usage",
  "connections",
] as const;

function readQuestion(question: unknown): ProcessQuestion["about"] | undefined {
  if (typeof question !== "object" || question === null) return undefined;
  if (!("about" in question)) return undefined;
  const { about } = question;
  return ABOUT.find((each) => each === about);
}

function limitOf(question: unknown): number {
  const hasLimit = typeof question === "object" && question !== null &&
    "limit" in question && typeof question.limit === "number";
  return hasLimit ? Number(question.limit) : 0;
}
