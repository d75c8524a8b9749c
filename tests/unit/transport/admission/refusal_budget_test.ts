import { assert, assertEquals } from "@std/assert";
import { ConnectionLimit } from "../../../../lib/transport/admission/connection_limit.ts";
import { RefusalBudget } from "../../../../lib/transport/admission/refusal_budget.ts";
import { OpenSockets } from "../../../../lib/transport/listener/open_sockets.ts";

for (
  const [how, isSecure, most] of [["", false, 1_000], [
    " over TLS",
    true,
    50,
  ]] as const
) {
  Deno.test(`RefusalBudget has ${most} clients told${how}, and of a crowd that goes on no more than come in time`, () => {
    const budget = new RefusalBudget();
    let told = 0;
    for (let i = 0; i < 20 * most; i++) if (budget.take(isSecure)) told++;

    assert(told >= most, `${told} were told`);
    assert(told <= 1.5 * most, `${told} were told`);
  });
}

Deno.test("OpenSockets lets 64 clients be told why they may not come in: for one more, the first goes", () => {
  const sockets = new OpenSockets(new ConnectionLimit());
  const ended: number[] = [];
  for (let i = 0; i < 66; i++) {
    const guest = {
      destroy: () => {
        ended.push(i);
        sockets.delete(guest);
      },
    };
    sockets.addRefused(guest);
  }

  assertEquals(ended, [0, 1]);
  assertEquals(sockets.uncounted, 64);
});
