import type { ClusterReport } from "../../observe/report.ts";
import { mergeReports } from "../../observe/report.ts";
import type { ChildState, Supervisor } from "../../process/supervisor.ts";
import { sumOf } from "./drain_gateways.ts";
import { GATEWAYS } from "./groups.ts";
import { StandingDrain } from "./standing_drain.ts";
import {
  type Answers,
  type DrainAnswer,
  type DrainQuestion,
  isClusterReport,
  isConnectionList,
  type LostGateway,
  NOBODY,
  type ProcessQuestion,
} from "../ask/question.ts";

/** Most milliseconds that a child may take to answer; one that is busy may not. */
const TIMEOUT = 1_000;

/** Most milliseconds that a drain may take. */
const LONGEST_DRAIN = 86_400_000;

/** What one gateway is told: the rate is that of all together. */
export function forOne(
  { rate, ...question }: DrainQuestion,
  supervisor: Supervisor,
): DrainQuestion {
  const gateways = Math.max(1, supervisor.pids(GATEWAYS).length);
  return { ...question, ...(rate !== undefined && { rate: rate / gateways }) };
}

/** Answers for a supervisor, by asking its children. */
export function answersOf(
  supervisor: Supervisor,
  standing: StandingDrain = new StandingDrain(),
): Answers {
  const ask = (question: ProcessQuestion) => supervisor.ask(question, TIMEOUT);
  return {
    report: async () => {
      const states = await ask({ about: "report" });
      return mergeReports(states.map(toReport));
    },
    cluster: async () => {
      const states = await ask({ about: "cluster" });
      return mergeReports(
        states.map(({ answer }) => answer).filter(isClusterReport),
      );
    },
    drain: async (question) => {
      standing.note(question);
      const pids = supervisor.pids(GATEWAYS);
      const states = await supervisor.ask(
        forOne(question, supervisor),
        LONGEST_DRAIN,
        GATEWAYS,
      );
      // One that is started again just now serves, once it is there.
      return endOf(states, question.cancel ? undefined : pids);
    },
    expectStop: async () => {
      await ask({ about: "stop" });
    },
    connections: async (limit) => {
      const states = await ask({ about: "connections", limit });
      const parts = states.map((state) => state.answer).filter(
        isConnectionList,
      );
      const { mergeConnectionLists } = await import(
        "../../wire/bodies/connection_list.ts"
      );
      return mergeConnectionLists(parts, limit);
    },
  };
}

/** What became of a drain, from what gateways say; one that had such a pid and says nothing is lost. */
function endOf(
  states: readonly ChildState[],
  pids?: readonly (number | undefined)[],
): DrainAnswer | undefined {
  const ends: DrainAnswer[] = [];
  const lost: LostGateway[] = [];
  for (const [i, { name, answer }] of states.entries()) {
    if (typeof answer === "object" && answer !== null) {
      ends.push(answer as DrainAnswer);
    } else if (pids !== undefined) lost.push({ name, pid: pids[i] });
  }
  const failed = ends.find((end) => "failure" in end);
  if (failed !== undefined) return failed;
  if (ends.length + lost.length === 0) return undefined;
  const sum = sumOf(ends.filter((end) => "told" in end));
  return lost.length === 0 ? sum : { ...sum, lost };
}

/** What the child said of itself only: a Register knows of the others, who speak too. */
function toReport({ name, pid, uptime, restarts, answer }: ChildState) {
  const list = listOf(name);
  const told = isClusterReport(answer) ? answer[list] : [];
  const silent = {
    id: name,
    name,
    address: "",
    uptime: Math.round(uptime * 10) / 10,
    ...(pid === undefined ? {} : { pid }),
  };
  const entries = told.length > 0 ? told : [silent];
  return {
    ...NOBODY,
    [list]: entries.map((entry) => ({ ...entry, restarts })),
  };
}

/** The list of a child, which its name says: `gateway 0`. */
function listOf(name: string): keyof typeof NOBODY & keyof ClusterReport {
  if (name.startsWith("gateway")) return "gateways";
  return name.startsWith("worker") ? "workers" : "registers";
}
