import { assertEquals } from "@std/assert";
import { GatewayView } from "../../../../lib/worker/presence/gateway_view.ts";
import { Responsibility } from "../../../../lib/wire/bodies/presence_view.ts";

const A = { instance: "a", groups: ["*"], uids: [] };
const B = { instance: "b", groups: ["*"], uids: [] };

/** A name that `a` answers for alone, and `b` if there are both. */
function contended(): string {
  const both = new Responsibility([A, B]);
  for (let i = 0;; i++) if (both.of(`groom-${i}`) === "b") return `groom-${i}`;
}

Deno.test("a name that was given to another worker and back is not whole until the gateway has said so", () => {
  const view = new GatewayView(undefined as never, "a");
  const name = contended();
  view.hear({ view: 1, workers: [A] });
  assertEquals(view.isWhole(name), false);
  view.hear({ view: 1, workers: undefined });
  assertEquals(view.isWhole(name), true);

  view.hear({ view: 2, workers: [A, B] });
  view.hear({ view: 3, workers: [A] });

  assertEquals(view.has(name), true);
  assertEquals(view.isWhole(name), false);
  view.hear({ view: 2, workers: undefined });
  assertEquals(view.isWhole(name), false);
  view.hear({ view: 3, workers: undefined });
  assertEquals(view.isWhole(name), true);
});
