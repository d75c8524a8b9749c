import type { GatewayReport, KnownNode } from "../observe/report.ts";
import type { PeopleReport } from "../observe/people_report.ts";
import { histogramOf } from "./histogram.ts";
import { labelsOf, type Metric } from "./metric.ts";

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
