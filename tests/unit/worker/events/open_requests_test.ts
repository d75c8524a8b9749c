import { assertEquals, assertThrows } from "@std/assert";
import {
  MAX_DETACHED,
  OpenRequests,
  RequestTally,
} from "../../../../lib/worker/events/open_requests.ts";
import { LaneRequestEvent } from "../../../../lib/worker/events/request_event.ts";
import { TestLane } from "../_test_lane.ts";

const encoder = new TextEncoder();

/** The requests of one link, and what comes on it. */
function begin() {
  const owner = new TestLane(() => {});
  const tally = new RequestTally();
  const { link } = owner;
  const requests = new OpenRequests({ link, tally, onThrown: () => {} });
  const receive = (frame: string, number = 1) => {
    const bytes = encoder.encode(frame);
    const range = [bytes, 0, bytes.length] as const;
    const event = new LaneRequestEvent(
      owner.lane,
      requests,
      number,
      false,
      ...range,
    );
    requests.add(event);
    return event;
  };
  return { requests, tally, link, receive };
}

Deno.test("OpenRequests counts what becomes of requests, each once", () => {
  const { requests, tally, receive } = begin();
  const [answered, failed, left] = ["qa x\n1", "qb x\n1", "q0 x\n1"]
    .map((frame) => receive(frame));
  assertEquals({ ...tally }, { open: 3, detached: 0, answered: 0, failed: 0 });

  answered?.answer(1);
  failed?.fail("no");
  left?.onHandled(undefined);

  // The third is an event that nobody waits for an answer to.
  assertEquals({ ...tally }, { open: 0, detached: 0, answered: 1, failed: 1 });
  assertEquals(requests.isEmpty, true);
});

Deno.test("OpenRequests lets so many requests outlast their handlers, and no more", () => {
  const { requests, tally, receive } = begin();
  const events: LaneRequestEvent[] = [];
  for (let each = 0; each < MAX_DETACHED; each++) {
    const event = receive(`q${each + 1} x\n1`, each + 1);
    event.detach();
    event.detach();
    events.push(event);
  }
  const last = receive("qlast x\n1");

  assertThrows(() => last.detach(), RangeError, "at most 10000 of them");
  assertEquals(tally.detached, MAX_DETACHED);
  events[0]?.answer(1);
  last.detach();
  requests.abandon();

  assertEquals({ ...tally }, { open: 0, detached: 0, answered: 1, failed: 0 });
  assertEquals(last.signal.aborted, true);
});

Deno.test("OpenRequests aborts one request by the number of its event, or all of a client", () => {
  const { requests, receive } = begin();
  const events = [5, 6, 7].map((number) => receive(`q${number} x\n1`, number));
  const aborted = () => events.map(({ signal }) => signal.aborted);

  requests.cancel(1, 6);
  assertEquals(aborted(), [false, true, false]);
  requests.cancel(2, 0);
  assertEquals(aborted(), [false, true, false]);
  requests.cancel(1, 0);
  assertEquals(aborted(), [true, true, true]);
  assertEquals(events.map((event) => event.isCancelled), [false, true, false]);
});
