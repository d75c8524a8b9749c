/**
 * Claims between gateways whose links end, fall silent, or lead to nobody.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  BusinessWorker,
  defineHandler,
  Gateway,
  Register,
} from "@gatewayworker/core";
import {
  CLAIM_STEPS,
  type LinkFrame,
  stepOf,
} from "../../chaos/link_frames.ts";
import { LinkProxy } from "../../chaos/link_proxy.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";
import { LogLines } from "../../_support/log_lines.ts";

/** Two gateways whose links lead through cables, and how often a handler heard close. */
class Cables implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly gateways: Gateway[] = [];
  readonly proxies: LinkProxy[] = [];
  /** Closes told of the client of the uid. */
  closes = 0;

  static async lay(): Promise<Cables> {
    const cables = new Cables();
    await cables.#lay();
    return cables;
  }

  async #lay(): Promise<void> {
    const stack = this.#stack;
    const register = stack.use(
      await Register.start({ listen: "127.0.0.1:0" }),
    );
    const registers = [register.status().address];
    for (let each = 0; each < 2; each++) {
      const proxy = stack.use(new LinkProxy("127.0.0.2"));
      const gateway = await Gateway.start({
        listen: ["ws://127.0.0.1:0"],
        register: registers,
        lanIp: "127.0.0.1",
        lanListen: "127.0.0.2",
        startPort: proxy.port,
        resume: { window: 2_000 },
        stopTimeout: 1_000,
      });
      this.proxies.push(proxy);
      this.gateways.push(stack.use(gateway));
    }
    stack.use(
      await BusinessWorker.start({
        register: registers,
        handler: defineHandler({
          close: ({ client }) => void (client.uid === "ann" && this.closes++),
          message: async (event) => {
            const text = event.text();
            if (text === "uid") await event.client.bindUid("ann");
            return text;
          },
        }),
      }),
    );
    await eventually(
      "the worker is linked",
      () => this.gateways.every(({ workers }) => workers === 1),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

Deno.test("a claim that is cut off at any step leaves a whole session or none, which ends once", async () => {
  await using _log = await LogLines.collect();
  for (const where of ["before", "after"] as const) {
    for (const step of CLAIM_STEPS) {
      await using cables = await Cables.lay();
      const [home, other] = cables.gateways;
      assert(home && other);
      const [first, { t }] = await LastingClient.connect(home.addr);
      await first.say("muid", "m1");
      await first.expect("muid", "m1");
      let isCut = false;
      for (const proxy of cables.proxies) {
        proxy.cutter = (frame: LinkFrame) => {
          if (isCut || stepOf(frame) !== step) return undefined;
          isCut = true;
          return where;
        };
      }

      const [second, back] = await LastingClient.connect(other.addr, {
        t,
        r: 1,
      });
      first[Symbol.dispose]();

      const what = `${where} ${step}: ${back.reason ?? "resumed"}`;
      // Whether a worker still had anything is up to it.
      assert(isCut || step === "old", what);
      if (back.resumed) {
        assertEquals([back.in, back.gap], [2, 0], what);
        await second.expect("m1");
        await second.say("m2");
        await second.expect("m2");
      } else assertEquals(back.reason, "lost", what);
      await second.say("b");
      second[Symbol.dispose]();
      if (back.resumed) {
        await eventually(`closed, ${what}`, () => cables.closes === 1);
      }
    }
  }
});

Deno.test("a gateway that hangs during a claim is not waited for, and closes the session once when it goes on", async () => {
  await using _log = await LogLines.collect();
  await using cables = await Cables.lay();
  const [home, other] = cables.gateways;
  const [proxy] = cables.proxies;
  assert(home && other && proxy);
  const [first, { t }] = await LastingClient.connect(home.addr);
  await first.say("muid");
  await first.expect("muid");
  first[Symbol.dispose]();
  await eventually("it is away", () => home.report().resume?.away === 1);
  proxy.hold();

  const before = performance.now();
  const [second, { resumed, reason }] = await LastingClient.connect(
    other.addr,
    { t, r: 1 },
  );
  const waited = performance.now() - before;
  proxy.heal();
  await second.say("b");
  second[Symbol.dispose]();

  assertEquals([resumed, reason], [false, "lost"]);
  assert(waited < 8_000, `it took ${waited} ms`);
  await eventually("its session is closed", () => cables.closes === 1);
  assertEquals(home.clients, 0);
});
