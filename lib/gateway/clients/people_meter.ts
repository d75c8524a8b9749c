import { now } from "../../base/clock.ts";
import { LatencyMeter } from "../../observe/latency_meter.ts";
import type { PeopleReport } from "../../observe/people_report.ts";
import { SizeMeter } from "../../observe/size_meter.ts";
import type { Client } from "./client.ts";

/** Measures what people notice of a gateway. */
export class PeopleMeter {
  readonly #firstAnswers = new LatencyMeter();
  readonly #groupFanOut = new SizeMeter();

  /** A client has come: from now on it waits for something of its own. */
  onConnect(client: Client): void {
    client.unansweredSince = Math.max(1, Math.round(now()));
  }

  /** A client that has waited since it came is sent the first thing of its own. */
  onFirstAnswer(client: Client): void {
    this.#firstAnswers.record(now() - client.unansweredSince);
    client.unansweredSince = 0;
  }

  /** Hot: a message to groups was sent to so many clients. */
  onGroupMessage(reached: number): void {
    this.#groupFanOut.record(reached);
  }

  /** A second is over. */
  tick(): void {
    this.#firstAnswers.tick();
  }

  /** What was measured. */
  get figures(): PeopleReport {
    return {
      firstAnswer: this.#firstAnswers.latency(),
      firstAnswers: this.#firstAnswers.durations(),
      groupFanOut: this.#groupFanOut.sizes(),
    };
  }
}
