import type {
  ClusterReport,
  KnownNode,
  RoleReport,
} from "../observe/report.ts";
import type { Sample } from "./histogram.ts";

/** A metric: what it is called, and how it is found in a report. */
export interface Metric {
  /** Name, with unit. */
  readonly name: string;
  /** What it says. */
  readonly help: string;
  /** What it is. */
  readonly type: Kind;
  /** Names of its labels. */
  readonly labels: readonly string[];
  /** Finds its values. */
  samples(report: ClusterReport): Sample[];
}

/** What a metric is. */
export type Kind = "gauge" | "counter" | "histogram";

/** What the metrics of one role have in common. */
export interface RoleKind<Report extends RoleReport> {
  /** What their names begin with. */
  readonly prefix: string;
  /** Finds the roles. */
  find(report: ClusterReport): readonly KnownNode<Report>[];
}

/** A metric that has one value for each role. */
export interface Row<Report> {
  /** The end of its name. */
  readonly name: string;
  /** What it is. */
  readonly type: Kind;
  /** What it says. */
  readonly help: string;
  /** Finds its value; `undefined` if the role does not tell. */
  readonly value: (report: Report) => number | undefined;
}

/** A metric that one role has. */
export function role<Report extends RoleReport>(
  { prefix, find }: RoleKind<Report>,
  { name, type, help, value }: Row<KnownNode<Report>>,
): Metric {
  return {
    name: `${prefix}_${name}`,
    help,
    type,
    labels: ["name", "index"],
    samples: (report) =>
      find(report).map((each) => ({
        labels: labelsOf(each),
        value: value(each),
      })),
  };
}

/** Labels that tell a role from its like. */
export function labelsOf(
  { name, index = 0 }: { name: string; index?: number | undefined },
): { name: string; index: string } {
  return { name, index: String(index) };
}
