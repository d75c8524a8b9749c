import { assertEquals } from "@std/assert";
import { Client } from "../../../../lib/gateway/clients/client.ts";
import { ClaimCounts } from "../../../../lib/gateway/moves/claim_counts.ts";
import {
  Claims,
  type ClaimsParts,
} from "../../../../lib/gateway/moves/claims.ts";
import { KNOWS_CLAIMS } from "../../../../lib/link/link_version.ts";
import { TokenMint } from "../../../../lib/transport/lasting/token.ts";
import { LogLines } from "../../../_support/log_lines.ts";

const mint = new TokenMint({ gatewayId: "7f0000010b54", keys: () => ["key"] });

/** Claims of a gateway that knows one other, which answers so to each. */
function begin(answer: () => Promise<unknown>, version = KNOWS_CLAIMS) {
  const counts = new ClaimCounts();
  const asked: number[] = [];
  const link = {
    isOpen: true,
    peer: { version },
    pending: { add: () => ({ id: 1, reply: answer() }) },
    send: (command: number) => asked.push(command),
  };
  const peers = {
    address: "127.0.0.1:2000",
    find: () => "127.0.0.1:2900",
    link: () => Promise.resolve({ link }),
  };
  const moved = { byHash: () => undefined };
  // All of a gateway that a claim touches which brings nothing.
  const claims = new Claims({ peers, moved, counts } as unknown as ClaimsParts);
  const claim = (token = mint.make(), host = "10.0.0.1") =>
    claims.claim({
      token,
      origin: "elsewhere",
      received: 0,
      newcomer: new Client(1, 0, {
        takeMessage: () => {},
        takeEvent: () => {},
        onClientOpen: () => {},
        onClientClosed: () => {},
      }),
      remoteAddress: `${host}:1`,
      isThere: true,
      land: () => {},
    });
  return { claim, counts, asked };
}

Deno.test("Claims asks nothing of a gateway that knows no claims, and says that the session is elsewhere", async () => {
  const { claim, asked, counts } = begin(
    () => Promise.reject(new Error("it was asked")),
    KNOWS_CLAIMS - 1,
  );

  assertEquals(await claim(), "elsewhere");
  assertEquals([asked.length, counts.failed.elsewhere], [0, 1]);
});

Deno.test("Claims asks once for a token that is good for nothing", async () => {
  const { claim, asked } = begin(() =>
    Promise.resolve([{ outcome: "expired" }])
  );
  const token = mint.make();

  assertEquals([await claim(token), await claim(token)], [
    "expired",
    "expired",
  ]);
  assertEquals(asked.length, 1);
});

Deno.test("Claims lets one address claim so much at a time, and others too", async () => {
  const gate = Promise.withResolvers<unknown>();
  const { claim, counts } = begin(() => gate.promise);
  const crowd = Array.from({ length: 128 }, () => claim());

  assertEquals(await claim(), "later");
  const other = claim(mint.make(), "10.0.0.2");
  gate.resolve([{ outcome: "busy" }]);

  const outcomes = await Promise.all([...crowd, other]);
  assertEquals(outcomes.filter((each) => each !== "later"), []);
  assertEquals([counts.made, counts.failed.later], [129, 130]);
});

Deno.test("Claims tells a gateway that answers nonsense or nothing that it has given up", async () => {
  await using _log = await LogLines.collect();
  for (const answer of [{ outcome: "perhaps" }, 7]) {
    const { claim, asked, counts } = begin(() => Promise.resolve([answer]));

    assertEquals(await claim(), "lost");
    assertEquals([asked, counts.failed.lost], [[38, 42], 1]);
  }
});
