/**
 * A cluster of `@gatewayworker/core/testing` is like a real one: the same handler is told
 * the same, and clients hear the same.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { TestCluster } from "../../../lib/testing/mod.ts";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { contractHandler, Transcript } from "./_contract_handler.ts";

type Heard = string | Uint8Array;

/** A client of either cluster. */
interface Player {
  send(message: Heard): void | Promise<void>;
  close(code: number, reason: string): void | Promise<void>;
  /** All that came, and how it ended. */
  readonly heard: readonly Heard[];
  readonly closed: { code: number; reason: string } | undefined;
}

/** Either cluster. */
interface Stage extends AsyncDisposable {
  connect(target: string): Promise<Player>;
}

const HEADERS = { "X-From": "test", cookie: "a=1; b=2" };

/** What is done, one after another: who, and what it says, or how it comes or goes. */
type Step =
  | { readonly who: string; readonly comes: string }
  | { readonly who: string; readonly says: Heard }
  | { readonly who: string; readonly goes: [code: number, reason: string] };

function comes(who: string, more = ""): Step {
  return { who, comes: `/room?name=${who}${more}` };
}

function says(who: string, ...words: Heard[]): Step[] {
  return words.map((word) => ({ who, says: word }));
}

const SCENES: Readonly<Record<string, readonly Step[]>> = {
  "what comes and is returned": [
    comes("ann", "&b=%20c"),
    ...says("ann", "hello", "", "bytes", "empty", "yes", "send one two"),
    ...says("ann", Uint8Array.of(1, 2, 255), new Uint8Array(9_000)),
    ...says("ann", "x".repeat(9_000), "grüße 👋"),
    { who: "ann", goes: [1000, "done"] },
  ],
  "errors": [
    comes("ann"),
    ...says("ann", "throw", "reject", "mistakes", "wrong", "hello"),
    { who: "ann", goes: [4001, ""] },
  ],
  "sessions": [
    comes("ann"),
    comes("bob"),
    ...says("ann", "session", "session", "throw", "session", "bye"),
    ...says("bob", "update ann", "set nobody", "ask - ann"),
    ...says("ann", "session", "replace", "hello"),
    ...says("bob", "set ann"),
    ...says("ann", "hello"),
    { who: "ann", goes: [1000, ""] },
    ...says("bob", "ask - ann"),
  ],
  "uids and groups": [
    comes("ann"),
    comes("bob"),
    comes("cid"),
    ...says("ann", "bind user", "join lobby", "join other", "join lobby"),
    ...says("bob", "bind user", "join lobby"),
    ...says("cid", "group lobby hello", "groups lobby other", "ask lobby ann"),
    ...says("ann", "group lobby from me", "all everybody", "latest"),
    ...says("cid", "uid user you two", "uid nobody x", "to ann hi", "to no hi"),
    ...says("bob", "leave lobby", "leave lobby", "unbind", "uid user now one"),
    ...says("cid", "ungroup lobby", "group lobby nobody", "ask other ann"),
    ...says("bob", "alone user", "ask lobby bob"),
  ],
  "ends": [
    ...["ann", "bob", "cid", "dan", "eve"].map((who) => comes(who)),
    ...says("ann", "close 4100 over"),
    ...says("bob", "destroy"),
    ...says("cid", "bind user"),
    ...says("dan", "kick user", "kick user"),
    { who: "dan", goes: [1000, ""] },
    ...says("eve", "ask - dan", "wait"),
  ],
};

/** All that could be seen of a scene. */
interface Story {
  /** What the handler was told. */
  readonly told: Record<string, string[]>;
  /** What clients heard, and how they ended. */
  readonly heard: Record<string, Pick<Player, "heard" | "closed">>;
}

/** How far a scene has come: what must be so before the next step is done. */
function progressOf({ told, heard }: Story): string {
  return JSON.stringify([
    Object.entries(told).map(([who, { length }]) => [who, length]),
    Object.entries(heard).map(([who, { heard: { length }, closed }]) => [
      who,
      length,
      closed?.code,
    ]),
  ]);
}

/**
 * Plays a scene.
 *
 * @param settle Waits until a step, the one of this number, has had all its effects.
 */
async function play(
  steps: readonly Step[],
  open: (transcript: Transcript) => Promise<Stage>,
  settle: (story: () => Story, step: number) => Promise<void>,
): Promise<Story> {
  const transcript = new Transcript();
  const players = new Map<string, Player>();
  const story = (): Story => ({
    told: transcript.lines,
    heard: Object.fromEntries(
      Array.from(players, ([who, { heard, closed }]) => [
        who,
        { heard: [...heard], closed },
      ]),
    ),
  });
  {
    await using stage = await open(transcript);
    for (const [index, step] of steps.entries()) {
      const player = players.get(step.who);
      if ("comes" in step) {
        players.set(step.who, await stage.connect(step.comes));
      } else if ("says" in step) await player?.send(step.says);
      else await player?.close(...step.goes);
      await settle(story, index);
    }
  }
  await settle(story, steps.length);
  return story();
}

async function openInMemory(transcript: Transcript): Promise<Stage> {
  const cluster = await TestCluster.start(contractHandler(transcript));
  return {
    connect: async (target) => {
      const client = await cluster.connect({ target, headers: HEADERS });
      return {
        // What the handler throws is what some scenes are about.
        send: (message) => client.send(message).catch(() => {}),
        close: (code, reason) => client.close(code, reason),
        get heard() {
          return client.received;
        },
        get closed() {
          return client.closed;
        },
      };
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

async function openReal(transcript: Transcript): Promise<Stage> {
  const cluster = await startCluster({ handler: contractHandler(transcript) });
  return {
    connect: async (target) => {
      const url = `ws://127.0.0.1:${cluster.gateway.addr.port}${target}`;
      return await connect(url);
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

async function connect(url: string): Promise<Player> {
  const socket = new WebSocket(url, { headers: HEADERS });
  socket.binaryType = "arraybuffer";
  const heard: Heard[] = [];
  let closed: Player["closed"];
  socket.onmessage = ({ data }) =>
    heard.push(typeof data === "string" ? data : new Uint8Array(data));
  // Of a connection that just ended Deno says 0, where the standard has 1006.
  socket.onclose = ({ code, reason }) =>
    closed = { code: code || 1006, reason };
  await new Promise((resolve) => socket.onopen = resolve);
  return {
    send: (message) => socket.send(message as string),
    close: (code, reason) => socket.close(code, reason),
    heard,
    get closed() {
      return closed;
    },
  };
}

for (const [what, steps] of Object.entries(SCENES)) {
  Deno.test(`a cluster in memory and a real one are the same to a handler and its clients: ${what}`, async () => {
    await using _log = await LogLines.collect();
    const marks: string[] = [];
    const inMemory = await play(steps, openInMemory, (story) => {
      marks.push(progressOf(story()));
      return Promise.resolve();
    });
    let isSame = true;
    const real = await play(steps, openReal, async (story, step) => {
      const isThere = () => progressOf(story()) === marks[step];
      // What differs is shown when both are compared.
      if (isSame) await eventually("", isThere).catch(() => isSame = false);
    });

    assertEquals(inMemory, real);
  });
}
