import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { frame, Op } from "./frames.ts";
import { runCase } from "./run_case.ts";
import { SUITE } from "./suite.ts";
import { startGateway, startTransport } from "./targets.ts";

for (const { number, title, cases } of SUITE) {
  Deno.test(`conformance group ${number}: ${title}`, async (t) => {
    await using running = await startTransport();
    for (const each of cases()) {
      const { id, section, title } = each;
      await t.step(`${id} ${title} (${section})`, async () => {
        const { failure } = await runCase(each, running.target);
        assert(failure === undefined, failure);
      });
    }
  });
}

Deno.test("conformance through gateway and worker: every fifth case of each group", async () => {
  await using running = await startGateway();
  const failures: string[] = [];
  for (const { cases } of SUITE) {
    for (const each of [...cases()].filter((_, index) => index % 5 === 0)) {
      const { failure } = await runCase(each, running.target);
      if (failure !== undefined) failures.push(`${each.id}: ${failure}`);
    }
  }

  assertEquals(failures, []);
});

Deno.test("conformance over TLS: every fourth case of groups 9 and 12", async () => {
  await using running = await startTransport("wss");
  const failures: string[] = [];
  for (const { number, cases } of SUITE) {
    if (number !== 9 && number !== 12) continue;
    for (const each of [...cases()].filter((_, index) => index % 4 === 0)) {
      const { failure } = await runCase(each, running.target);
      if (failure !== undefined) failures.push(`${each.id}: ${failure}`);
    }
  }

  assertEquals(failures, []);
});

Deno.test("conformance has at least 300 cases, each with a number of its own", () => {
  const ids = SUITE.flatMap(({ cases }) => [...cases()].map(({ id }) => id));

  assert(ids.length >= 300, `there are ${ids.length}`);
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("a case fails on a server that does not do what it must", async () => {
  await using running = await startTransport();
  const wrong = {
    id: "0",
    section: "none",
    title: "what no server does",
    sends: [frame(Op.Text, "hello")],
    expects: ["text goodbye"],
  };

  const { said, failure } = await runCase(wrong, running.target);

  assertEquals(said, ["text hello", "close 1000"]);
  assertNotEquals(failure, undefined);
});
