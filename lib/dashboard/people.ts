import type { ClusterReport } from "../observe/report.ts";
import { fieldsOf, numberOf } from "./read_figures.ts";

/** What people notice, over all gateways. */
export interface PeopleTotals {
  /** Half of the clients of the slowest gateway had their first answer after so many milliseconds. */
  readonly firstAnswerP50: number;
  /** All but one of a hundred. */
  readonly firstAnswerP99: number;
  /** Clients that had one since the start. */
  readonly answered: number;
  /** Clients that have no socket and may come back. */
  readonly away: number;
  /** Clients that came back to their sessions since the start. */
  readonly returned: number;
  /** Clients that came back and began anew. */
  readonly fresh: number;
  /** Sessions whose clients did not come back. */
  readonly expired: number;
  /** Gaps that clients were told of. */
  readonly gaps: number;
  /** Messages missing in these. */
  readonly missed: number;
  /** Clients that were sent to another gateway. */
  readonly sentAway: number;
  /** Users that are in watched groups, counted in each, as whoever knows most says. */
  readonly present: number;
  /** Clients that are told who is there. */
  readonly watchers: number;
  /** Messages to groups, each counted at every gateway that has members. */
  readonly groupMessages: number;
  /** Clients of one gateway that such a message went to, on average. */
  readonly fanOut: number;
}

/** Adds up what gateways tell of people. */
export function toPeople(gateways: ClusterReport["gateways"]): PeopleTotals {
  const people = gateways.map((each) => fieldsOf(each.people));
  const ofResume = (field: string) =>
    sum(gateways, ({ resume }) => fieldsOf(resume)[field]);
  const ofPeople = (part: string, field: string) =>
    sum(people, (each) => fieldsOf(each[part])[field]);
  const slowest = (field: string) =>
    people.reduce(
      (most, { firstAnswer }) =>
        Math.max(most, numberOf(fieldsOf(firstAnswer)[field])),
      0,
    );
  const groupMessages = ofPeople("groupFanOut", "count");
  const reached = ofPeople("groupFanOut", "sum");
  return {
    firstAnswerP50: slowest("p50"),
    firstAnswerP99: slowest("p99"),
    answered: ofPeople("firstAnswers", "count"),
    away: ofResume("away"),
    returned: ofResume("resumed"),
    fresh: ofResume("fresh"),
    expired: ofResume("expired"),
    gaps: ofResume("gaps"),
    missed: ofResume("missed"),
    sentAway: sum(gateways, ({ drain }) => fieldsOf(drain)["told"]),
    present: gateways.reduce(
      (most, { presence }) =>
        Math.max(most, numberOf(fieldsOf(presence)["users"])),
      0,
    ),
    watchers: sum(gateways, ({ presence }) => fieldsOf(presence)["watchers"]),
    groupMessages,
    fanOut: groupMessages === 0
      ? 0
      : Math.round(reached / groupMessages * 10) / 10,
  };
}

function sum<Row>(rows: readonly Row[], of: (row: Row) => unknown): number {
  return rows.reduce((total, row) => total + numberOf(of(row)), 0);
}
