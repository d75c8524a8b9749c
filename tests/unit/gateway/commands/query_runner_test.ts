import { assert, assertEquals } from "@std/assert";
import {
  type AnswerLink,
  type AnswerParts,
  QueryRunner,
} from "../../../../lib/gateway/commands/query_runner.ts";
import { Flag } from "../../../../lib/wire/frame.ts";
import { eventually } from "../../../_support/eventually.ts";

const LONG = 60_000;

/** A link that notes what is sent. */
class FakeLink implements AnswerLink {
  isOpen = true;
  readonly log = { pendingBytes: 0 };
  /** Each part: request number and first byte, with a mark on the last. */
  readonly sent: string[] = [];

  send(
    _command: number,
    _connectionId: number,
    number: number,
    payload = new Uint8Array(0),
    flags = 0,
  ): void {
    const isLast = (flags & Flag.More) === 0;
    this.sent.push(`${number}:${payload[0]}${isLast ? " last" : ""}`);
  }
}

/** An answer of so many parts; `onPart` is called while each is made. */
function* answer(count: number, onPart = () => {}): AnswerParts {
  for (let part = 0; part < count - 1; part++) {
    onPart();
    yield Uint8Array.of(part);
  }
  return Uint8Array.of(count - 1);
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("a short answer is given at once", () => {
  using runner = new QueryRunner();
  const link = new FakeLink();

  runner.run({ link, number: 7, timeout: LONG }, answer(1));

  assertEquals(link.sent, ["7:0 last"]);
});

Deno.test("a long answer is given in parts, in order, the last one marked", async () => {
  using runner = new QueryRunner();
  const link = new FakeLink();

  runner.run({ link, number: 7, timeout: LONG }, answer(4));

  assertEquals(link.sent, ["7:0"]);
  await eventually("all is answered", () => link.sent.length === 4);
  assertEquals(link.sent, ["7:0", "7:1", "7:2", "7:3 last"]);
});

Deno.test("other work gets its turn while a long answer is made", async () => {
  using runner = new QueryRunner();
  const link = new FakeLink();
  let partsAtOnce = 0;
  let most = 0;
  const busy = () => {
    most = Math.max(most, ++partsAtOnce);
    for (const end = performance.now() + 1; performance.now() < end;);
  };

  runner.run({ link, number: 7, timeout: LONG }, answer(20, busy));
  while (link.sent.length < 20) {
    partsAtOnce = 0;
    await tick();
  }

  // Each part takes a millisecond and a turn two: a third may have begun in time.
  assert(most <= 3, `${most} parts were made without a pause`);
});

Deno.test("answers take turns part by part", async () => {
  using runner = new QueryRunner();
  const link = new FakeLink();

  runner.run({ link, number: 1, timeout: LONG }, answer(3));
  runner.run({ link, number: 2, timeout: LONG }, answer(2));

  await eventually("all is answered", () => link.sent.length === 5);
  assertEquals(link.sent, ["1:0", "1:1", "2:0", "1:2 last", "2:1 last"]);
});

Deno.test("nothing is made for a link that takes nothing, until it does", async () => {
  using runner = new QueryRunner();
  const [jammed, free] = [new FakeLink(), new FakeLink()];
  jammed.log.pendingBytes = 2 ** 21;

  runner.run({ link: jammed, number: 1, timeout: LONG }, answer(2));
  runner.run({ link: free, number: 2, timeout: LONG }, answer(3));
  await eventually("the other is answered", () => free.sent.length === 3);
  assertEquals(jammed.sent, []);

  jammed.log.pendingBytes = 0;
  await eventually("it is answered too", () => jammed.sent.length === 2);
});

Deno.test("an answer is dropped when its link takes nothing for as long as anybody waits", async () => {
  using runner = new QueryRunner();
  const link = new FakeLink();
  link.log.pendingBytes = 2 ** 21;

  runner.run({ link, number: 1, timeout: 1 }, answer(1));
  await eventually("nothing is made any more", () => {
    const other = new FakeLink();
    runner.run({ link: other, number: 2, timeout: LONG }, answer(1));
    // At once, as nothing else is to be answered.
    return other.sent.length === 1;
  });
  link.log.pendingBytes = 0;
  await tick();

  assertEquals(link.sent, []);
});

Deno.test("an answer ends with its link", async () => {
  using runner = new QueryRunner();
  const [lost, other] = [new FakeLink(), new FakeLink()];

  runner.run({ link: lost, number: 1, timeout: LONG }, answer(100));
  lost.isOpen = false;
  runner.run({ link: other, number: 2, timeout: LONG }, answer(3));

  await eventually("the other is answered", () => other.sent.length === 3);
  assertEquals(lost.sent, ["1:0"]);
});
