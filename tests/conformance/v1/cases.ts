import { BrokenRule, type FarEnd, must, type Stage } from "./far_end.ts";

/** A scene, and what a client must do in it. */
export interface ClientCase {
  readonly id: string;
  /** The rule, as a sentence. */
  readonly title: string;
  /**
   * Whether it takes seconds.
   *
   * @default {false}
   */
  readonly isSlow?: boolean;
  /** @throws {BrokenRule} If the client breaks it. */
  run(stage: Stage): Promise<void>;
}

const PROTOCOL = "gatewayworker.v1";

async function comeBack(
  stage: Stage,
  end: FarEnd,
  token: string,
  received: number,
  code?: number,
): Promise<FarEnd> {
  if (code === undefined) end.leave();
  else end.close(code);
  const next = await stage.next();
  const { t, r } = await next.hello();
  must(t === token, `the newest token is shown: it is "${t}"`);
  must(r === received, `the hello says ${received}: it says ${r}`);
  return next;
}

/** Reads a request that the client made. */
async function readRequest(end: FarEnd, name: string): Promise<string> {
  const frame = `${await end.next()}`;
  const [, id] = /^q([A-Za-z0-9_-]{1,32}) ([^\s]{1,128})\n/.exec(frame) ?? [];
  must(id !== undefined && id !== "0", `a request has an id: it is "${frame}"`);
  must(frame.startsWith(`q${id} ${name}\n`), `"${name}" is asked: "${frame}"`);
  return id;
}

const GREETING: ClientCase[] = [
  {
    id: "1.1",
    title: "offers the sub-protocol, and says hello first",
    async run(stage) {
      const [end] = await stage.fresh();
      const offers = end.offered.split(/,\s*/);
      must(offers.includes(PROTOCOL), `it offers "${PROTOCOL}"`);
    },
  },
  {
    id: "1.2",
    title: "sends nothing between its hello and the welcome",
    async run(stage) {
      const [first, token] = await stage.fresh();
      first.send("mone");
      await first.expect("mone");
      const end = await comeBack(stage, first, token, 1);
      const early = await end.any(400);
      must(early === undefined, `nothing comes before the welcome: "${early}"`);
      stage.welcome(end, { resumed: true, in: 1 });
      await end.count(1);
    },
  },
  {
    id: "1.3",
    title: "shows a credential in its hello",
    async run(stage) {
      const [first] = await stage.fresh();
      first.leave();
      const end = await stage.next();
      const { a } = await end.hello();
      must(a !== undefined, 'a hello has "a"');
      stage.welcome(end);
    },
  },
];

const COUNTING: ClientCase[] = [
  {
    id: "2.1",
    title: "takes messages of text, empty ones too, and sends them",
    async run(stage) {
      const [end] = await stage.fresh();
      for (
        const text of ["", "hello", "gr\u00fc\u00dfe \ud83d\udc4b", "a\nb"]
      ) {
        end.send(`m${text}`);
        await end.expect(`m${text}`);
      }
      await end.count(4);
    },
  },
  {
    id: "2.2",
    title: "takes binary messages, and sends them",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send(new Uint8Array([1, 0, 255, 10]));
      const frame = await end.next();
      must(
        frame instanceof Uint8Array && frame.join() === "1,0,255,10",
        `the same bytes come back: ${frame}`,
      );
      await end.count(1);
    },
  },
  {
    id: "2.3",
    title: "counts gaps for what they say, and nothing that is not counted",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send("a0", "g3", "mx", "p4", "g2");
      await end.expect("mx");
      await end.count(6);
    },
  },
  {
    id: "2.4",
    title: "counts requests, answers, parts, errors and cancellations",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send("r99\nnull", "e98 failed\nnull", "s97\n1", "k.96", "q0 no\n1");
      await end.count(5);
    },
  },
  {
    id: "2.5",
    title: "acknowledges after 32 frames or a second, without being asked",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send("g1");
      const frame = await end.any(3_000);
      must(frame === "a1", `"a1" comes: it is ${JSON.stringify(frame)}`);
    },
  },
  {
    id: "2.6",
    title: "closes and comes back if a ping says another count than its own",
    async run(stage) {
      const [end, token] = await stage.fresh();
      end.send("g1", "p7");
      must(await end.ended(), "it closes");
      const next = await stage.next();
      const { t, r } = await next.hello();
      must(t === token && r === 1, `it resumes at 1: ${r}`);
      stage.welcome(next, { resumed: true });
      await next.count(1);
    },
  },
];

const RETURNING: ClientCase[] = [
  {
    id: "3.1",
    title: "comes back with its newest token and its count, and goes on",
    async run(stage) {
      const [first, token] = await stage.fresh();
      first.send("m1", "m2");
      await first.expect("m1");
      await first.expect("m2");
      const end = await comeBack(stage, first, token, 2);
      const newer = stage.welcome(end, { resumed: true, in: 2 });
      end.send("m3");
      await end.expect("m3");
      const last = await comeBack(stage, end, newer, 3);
      stage.welcome(last, { resumed: true, in: 3 });
      await last.count(3);
    },
  },
  {
    id: "3.2",
    title: "sends again what the gateway has not got, in order, and no more",
    async run(stage) {
      const [first, token] = await stage.fresh();
      first.send("m1", "m2", "m3");
      for (const frame of ["m1", "m2", "m3"]) await first.expect(frame);
      const end = await comeBack(stage, first, token, 3);
      stage.welcome(end, { resumed: true, in: 1 });
      await end.expect("m2");
      await end.expect("m3");
      await end.count(3);
    },
  },
  {
    id: "3.3",
    title: "sends nothing again that was handled",
    async run(stage) {
      const [first, token] = await stage.fresh();
      first.send("m1", "m2");
      await first.expect("m1");
      await first.expect("m2");
      first.send("a2");
      const end = await comeBack(stage, first, token, 2);
      stage.welcome(end, { resumed: true, in: 2 });
      await end.count(2);
    },
  },
  {
    id: "3.4",
    title: "adds the gap of a welcome to its count",
    async run(stage) {
      const [first, token] = await stage.fresh();
      const end = await comeBack(stage, first, token, 0);
      stage.welcome(end, { resumed: true, gap: 5 });
      end.send("mx");
      await end.expect("mx");
      await end.count(6);
    },
  },
  {
    id: "3.5",
    title: "begins both counts anew in a new session",
    async run(stage) {
      const [first, token] = await stage.fresh();
      first.send("m1");
      await first.expect("m1");
      first.send("a1");
      const end = await comeBack(stage, first, token, 1);
      const newer = stage.welcome(end, { resumed: false, reason: "expired" });
      await end.count(0);
      end.send("m2");
      await end.expect("m2");
      const last = await comeBack(stage, end, newer, 1);
      stage.welcome(last, { resumed: true, in: 0 });
      await last.expect("m2");
    },
  },
  {
    id: "3.6",
    title: "shows the same token again if the welcome got lost",
    async run(stage) {
      const [first, token] = await stage.fresh();
      const lost = await comeBack(stage, first, token, 0);
      const again = await comeBack(stage, lost, token, 0);
      stage.welcome(again, { resumed: true });
      await again.count(0);
    },
  },
  {
    id: "3.7",
    title: "notices a socket that has fallen silent, and takes another",
    isSlow: true,
    async run(stage) {
      const [first, token] = await stage.fresh({ ping: 1_000 });
      const end = await stage.next(10_000);
      const { t } = await end.hello();
      must(t === token, "it resumes");
      stage.welcome(end, { resumed: true });
      first.leave();
      await end.count(0);
    },
  },
  {
    id: "3.8",
    title: "comes back after codes that are not final",
    isSlow: true,
    async run(stage) {
      let [end, token] = await stage.fresh();
      for (const code of [1000, 4008, 4013, 3000]) {
        end = await comeBack(stage, end, token, 0, code);
        token = stage.welcome(end, { resumed: true });
      }
      await end.count(0);
    },
  },
  {
    id: "3.9",
    title: "goes on trying while nobody lets it in",
    isSlow: true,
    async run(stage) {
      const [end, token] = await stage.fresh();
      // What holds for a while is no failure to a client that waits longer after each.
      await end.next(1_500);
      stage.refuse = 2;
      const next = await comeBack(stage, end, token, 0, 4012);
      must(stage.refuse === 0, "it tries again");
      stage.welcome(next, { resumed: true });
      await next.count(0);
    },
  },
];

const MOVING: ClientCase[] = [
  {
    id: "4.1",
    title: "connects anew when told to, before it lets go, and once",
    async run(stage) {
      const [first, token] = await stage.fresh();
      first.send('x{"after":100}');
      const end = await stage.next(3_000);
      must(first.isOpen, "the first socket is still open");
      const { t } = await end.hello();
      must(t === token, "it resumes");
      first.send("mnot to be read");
      stage.welcome(end, { resumed: true });
      must(await first.ended(), "it lets go of the first socket");
      end.send("mread");
      await end.expect("mread");
      await end.count(1);
    },
  },
  {
    id: "4.2",
    title: "waits as long as it is told in place of a welcome",
    isSlow: true,
    async run(stage) {
      const [first] = await stage.fresh();
      first.leave();
      const refused = await stage.next();
      await refused.hello();
      refused.send('x{"after":1200}');
      refused.close(4012);
      await stage.nobody(1_000);
      const end = await stage.next(2_000);
      await end.hello();
      stage.welcome(end);
    },
  },
];

const CREDENTIALS: ClientCase[] = [
  {
    id: "5.1",
    title: "shows another credential in the connection when asked to",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send('t{"in":10000}');
      const frame = `${await end.next()}`;
      must(/^t(\{|\[|"|\d|n|f)/.test(frame), `a credential comes: "${frame}"`);
      JSON.parse(frame.slice(1));
    },
  },
  {
    id: "5.2",
    title: "comes back from 4011 with another credential",
    async run(stage) {
      const [first] = await stage.fresh();
      first.leave();
      const second = await stage.next();
      const before = await second.hello();
      stage.welcome(second);
      second.close(4011);
      const end = await stage.next();
      const after = await end.hello();
      stage.welcome(end);
      must(
        JSON.stringify(before.a) !== JSON.stringify(after.a),
        "the credential is another one",
      );
    },
  },
  ...[4001, 4009, 4010].map((code): ClientCase => ({
    id: `5.${code}`,
    title: `does not come back after ${code}`,
    isSlow: true,
    async run(stage) {
      const [end] = await stage.fresh();
      end.close(code);
      // The program begins anew; what comes must know nothing of the session.
      const next = await stage.next();
      const { t, r } = await next.hello();
      must(t === "" && r === 0, `no session is shown after ${code}: "${t}"`);
      stage.welcome(next, { reason: "new" });
      await next.count(0);
    },
  })),
];

const CALLS: ClientCase[] = [
  {
    id: "6.1",
    title: "answers what it is asked",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send('q.g1 echo\n{"a":[1,null,"\u00fc"]}');
      await end.expect('r.g1\n{"a":[1,null,"\u00fc"]}');
      await end.count(1);
    },
  },
  {
    id: "6.2",
    title: "says so of a name that it does not know",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send("q.g1 nobody-knows\n1");
      const frame = `${await end.next()}`;
      must(frame.startsWith("e.g1 unknown"), `"unknown" comes: "${frame}"`);
    },
  },
  {
    id: "6.3",
    title: "says why it does not answer",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send("q.g1 fail\n7");
      await end.expect("e.g1 refused\n7");
    },
  },
  {
    id: "6.4",
    title: "sends parts before its answer",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send("q.g1 parts\n[1,2]");
      await end.expect("s.g1\n1");
      await end.expect("s.g1\n2");
      const frame = `${await end.next()}`;
      must(frame.startsWith("r.g1\n"), `an answer ends them: "${frame}"`);
    },
  },
  {
    id: "6.5",
    title: "sends no answer that is not wanted any more",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send("q.g1 wait\nnull", "k.g1");
      const frame = await end.next(300);
      must(frame === undefined, `nothing comes: "${frame}"`);
      await end.count(2);
    },
  },
  {
    id: "6.6",
    title: "does not answer a typed event",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send("q0 echo\n1", "q0 nobody-knows\n1");
      const frame = await end.next(300);
      must(frame === undefined, `nothing comes: "${frame}"`);
    },
  },
  {
    id: "6.7",
    title: "asks, and takes answers and errors by their ids, in any order",
    async run(stage) {
      const [end] = await stage.fresh();
      end.send('q0 ask\n"one"', 'q0 ask\n"two"');
      const [one, two] = [
        await readRequest(end, "one"),
        await readRequest(end, "two"),
      ];
      must(one !== two, "each request has an id of its own");
      end.send(`e${two} no-good\n5`, `r${one}\n[1]`);
      await end.expect('q0 outcome\n{"code":"no-good","data":5}');
      await end.expect('q0 outcome\n{"value":[1]}');
    },
  },
  {
    id: "6.8",
    title: "fails a request whose answer may be in a gap",
    async run(stage) {
      const [first, token] = await stage.fresh();
      first.send('q0 ask\n"one"');
      await readRequest(first, "one");
      const end = await comeBack(stage, first, token, 1);
      stage.welcome(end, { resumed: true, in: 1, gap: 2 });
      const frame = `${await end.next()}`;
      must(
        /^q0 outcome\n\{"code":/.test(frame),
        `the request fails: "${frame}"`,
      );
    },
  },
  {
    id: "6.9",
    title: "keeps a request over a socket that breaks",
    async run(stage) {
      const [first, token] = await stage.fresh();
      first.send('q0 ask\n"one"');
      const id = await readRequest(first, "one");
      const end = await comeBack(stage, first, token, 1);
      stage.welcome(end, { resumed: true, in: 1 });
      end.send(`r${id}\n"late"`);
      await end.expect('q0 outcome\n{"value":"late"}');
    },
  },
];

/** All cases, in order. */
export const CLIENT_CASES: readonly ClientCase[] = [
  ...GREETING,
  ...COUNTING,
  ...RETURNING,
  ...MOVING,
  ...CREDENTIALS,
  ...CALLS,
];

/** What became of a case. */
export interface ClientVerdict {
  readonly id: string;
  readonly title: string;
  /** The rule that was broken; `undefined` if none was. */
  readonly failure: string | undefined;
}

/** Plays cases to the client that is connected, or connects. */
export async function* judgeClient(
  stage: Stage,
  cases: readonly ClientCase[],
): AsyncGenerator<ClientVerdict> {
  for (const each of cases) {
    let failure: string | undefined;
    try {
      await each.run(stage);
    } catch (error) {
      if (!(error instanceof BrokenRule)) throw error;
      failure = error.message;
    }
    yield { id: each.id, title: each.title, failure };
  }
}
