import type {
  GatewayReport,
  KnownNode,
  WorkerReport,
} from "../observe/report.ts";
import type { PeopleReport } from "../observe/people_report.ts";
import { histogramOf } from "./histogram.ts";
import { labelsOf, type Metric, type Row } from "./metric.ts";

/** The metrics of what people notice of a gateway, whatever groups there are. */
export const PEOPLE_METRICS: readonly Metric[] = [
  histogram(
    "first_answer_seconds",
    "Time from a client's connect to the first thing sent to it alone",
    ({ firstAnswers }) => firstAnswers,
  ),
  histogram(
    "group_message_clients",
    "Clients of this gateway to whom each message to groups went",
    ({ groupFanOut }) => groupFanOut,
  ),
];

/** The metrics of who is here, as a gateway knows; none where no worker watches. */
export const GATEWAY_PRESENCE_ROWS: readonly Row<Partial<GatewayReport>>[] = [
  {
    name: "presence_names",
    type: "gauge",
    help: "Groups and uids that workers watch and somebody is in",
    value: ({ presence }) => presence?.names,
  },
  {
    name: "presence_users",
    type: "gauge",
    help: "Users in these, counted in each, at whatever gateway they are",
    value: ({ presence }) => presence?.users,
  },
  {
    name: "presence_watchers",
    type: "gauge",
    help: "Clients that are told who is in these, counted in each",
    value: ({ presence }) => presence?.watchers,
  },
  {
    name: "presence_changes_total",
    type: "counter",
    help: "Changes of its own clients that it told workers",
    value: ({ presence }) => presence?.changes,
  },
];

/** The metrics of who comes and goes, as a worker knows; none where it watches nothing. */
export const WORKER_PRESENCE_ROWS: readonly Row<Partial<WorkerReport>>[] = [
  {
    name: "presence_names",
    type: "gauge",
    help: "Groups and uids that it answers for",
    value: ({ watched }) => watched?.names,
  },
  {
    name: "presence_users",
    type: "gauge",
    help: "Users in these, counted in each",
    value: ({ watched }) => watched?.users,
  },
  {
    name: "presence_joins_total",
    type: "counter",
    help: "Users that handlers were told to have come",
    value: ({ watched }) => watched?.joins,
  },
  {
    name: "presence_leaves_total",
    type: "counter",
    help: "Users that handlers were told to be gone",
    value: ({ watched }) => watched?.leaves,
  },
  {
    name: "presence_repeats_total",
    type: "counter",
    help: "Of both, those that may have been told before",
    value: ({ watched }) => watched?.repeats,
  },
  {
    name: "presence_events_waiting",
    type: "gauge",
    help: "Joins and leaves that wait for handlers",
    value: ({ watched }) => watched?.waiting,
  },
];

function histogram(
  name: string,
  help: string,
  find: (people: PeopleReport) => Parameters<typeof histogramOf>[1],
): Metric {
  return {
    name: `gatewayworker_gateway_${name}`,
    help,
    type: "histogram",
    labels: ["name", "index", "le"],
    samples: ({ gateways }) => gateways.flatMap(samplesOf),
  };
  function samplesOf(gateway: KnownNode<GatewayReport>) {
    const { people } = gateway;
    return people ? histogramOf(labelsOf(gateway), find(people)) : [];
  }
}
