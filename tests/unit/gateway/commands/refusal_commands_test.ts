import { assertEquals, assertThrows } from "@std/assert";
import { NO_BYTES } from "../../../../lib/base/no_bytes.ts";
import { ClientTable } from "../../../../lib/gateway/clients/client_table.ts";
import { Refused } from "../../../../lib/gateway/clients/refused.ts";
import type { Call } from "../../../../lib/gateway/commands/call.ts";
import { RefusalCommands } from "../../../../lib/gateway/commands/refusal_commands.ts";
import { encodeBody } from "../../../../lib/wire/body.ts";
import { FrameHeader } from "../../../../lib/wire/frame.ts";

function callOf(body: unknown): Call {
  const head = encodeBody(body);
  const header = new FrameHeader();
  return {
    head,
    header,
    buffer: NO_BYTES,
    start: 0,
    end: 0,
  } as unknown as Call;
}

Deno.test("a gateway keeps and tells nothing of a refusal until a time that no date can have", () => {
  const refused = new Refused(new ClientTable());
  let told = 0;
  const commands = new RefusalCommands(refused, () => void told++);
  const wrong = { kind: "uid", name: "ann", stamp: 1, until: 1e300 };
  const some = { ...wrong, until: Date.now() + 60_000 };

  assertThrows(() => commands.refuse(callOf(wrong)), RangeError, "until");
  assertThrows(() => commands.exchange(callOf({ entries: [some, wrong] })));
  assertEquals([refused.list.all(), told], [[], 0]);

  commands.exchange(callOf({ entries: [some] }));
  assertEquals([refused.list.size, told], [1, 1]);
});
