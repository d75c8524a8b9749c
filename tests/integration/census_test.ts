import { assertEquals } from "@std/assert";
import { Trust } from "../../lib/peer/trust.ts";
import { takeCensus } from "../../lib/worker/census.ts";
import { FakeRegister } from "../_support/fake_register.ts";

/** Answers one question, as a Register that has been up for so long. */
async function answer(register: FakeRegister, uptime: number): Promise<void> {
  using peer = await register.accept();
  await peer.hear();
  const registers = [{ id: "r", name: "", address: "", uptime }];
  await peer.say(
    JSON.stringify({ event: "status", registers, gateways: [], workers: [] }),
  );
  await peer.hear();
}

Deno.test("takeCensus() asks all, and is complete when all have answered", async () => {
  using one = new FakeRegister();
  using other = new FakeRegister();
  const registers = [one.address, other.address];
  const answered = [answer(one, 5), answer(other, 60)];

  const census = await takeCensus(registers, Trust.NONE);

  assertEquals(census.reports.length, 2);
  assertEquals(census.isComplete, true);
  await Promise.all(answered);
});

Deno.test("takeCensus() is not complete when one does not answer, or has just been started", async () => {
  using one = new FakeRegister();
  using fresh = new FakeRegister();
  const gone = new FakeRegister();
  gone[Symbol.dispose]();

  for (const [others, uptime] of [[[gone], 5], [[fresh], 4]] as const) {
    const registers = [one, ...others].map(({ address }) => address);
    const answered = [answer(one, 5)];
    if (uptime === 4) answered.push(answer(fresh, uptime));
    const census = await takeCensus(registers, Trust.NONE);
    assertEquals(census.reports.length, 1);
    assertEquals(census.isComplete, false);
    await Promise.all(answered);
  }
});

Deno.test("takeCensus() is not complete when there is nobody to ask", async () => {
  const census = await takeCensus([], Trust.NONE);

  assertEquals(census, { reports: [], isComplete: false });
});
