import { Register } from "../../../mod.ts";
import { messageOf } from "../../../lib/base/errors.ts";
import { eventually } from "../../_support/eventually.ts";
import { LinePeer } from "../../_support/line_peer.ts";
import {
  bytesOf,
  type Capture,
  type Connection,
  type Frame,
} from "./capture.ts";

/** Milliseconds by which a cause may be recorded after what came of it. */
const SLACK = 20;

/**
 * When a frame is replayed: what a Register says after what made it say so, and the end
 * of whoever only asked after its answer.
 */
function timeOf(
  { frames }: Connection,
  { t_ms: time, dir, end }: Frame,
): number {
  if (dir === "<-") return time + SLACK;
  const isGateway = frames.some(({ note }) => note.includes("gateway_connect"));
  return end === undefined || isGateway ? time : time + SLACK + 1;
}

/** The end of a link that its other side has ended is no news. */
function isWhole(
  { frames }: Connection,
  { t_ms: time, dir, end }: Frame,
): boolean {
  return dir === "->" || end === undefined ||
    !frames.some((other) =>
      other.dir === "->" && other.end !== undefined && other.t_ms <= time
    );
}

/** A connection to the Register, as it goes on. */
interface Talk {
  readonly peer: LinePeer;
  /** All that came. */
  readonly heard: string[];
  /** How much of it was compared, but for the last. */
  at: number;
  isOver: boolean;
}

/** Whether the Register itself is stopped or killed in a scenario: that cannot be replayed. */
function isRegisterStopped({ expect }: Capture): boolean {
  return expect.some((step) =>
    step.by === "operator" && /(stop|kill).*register/i.test(step.do)
  );
}

/**
 * Says to a Register of ours what nodes of the original said to theirs, and compares what
 * each hears last.
 *
 * @returns How many lines were compared.
 */
export async function replayToRegister(capture: Capture): Promise<number> {
  if (isRegisterStopped(capture)) return 0;
  const links = capture.connections.filter(({ to, frames }) =>
    to === "register" && frames.length > 0
  );
  const frames = links
    .flatMap((link) =>
      link.frames.filter((frame) => isWhole(link, frame)).map((frame) => {
        return { id: link.id, frame, time: timeOf(link, frame) };
      })
    )
    .toSorted((one, other) => one.time - other.time);
  const { secret = "" } = capture.config;
  await using register = await Register.start({
    listen: "127.0.0.1:0",
    phpPeers: true,
    phpSecretKey: secret,
    // Without a key of its own, a Register lets in whoever shows none.
    ...(secret === "" ? {} : { secretKey: "a key of our own" }),
    identifyTimeout: 1_000,
  });
  await using stack = new AsyncDisposableStack();
  const talks = new Map<string, Talk>();
  let compared = 0;
  for (const { id, frame } of frames) {
    let talk = talks.get(id);
    if (talk === undefined) {
      talk = await open(register, stack);
      talks.set(id, talk);
    }
    try {
      if (await replay(talk, frame)) compared++;
    } catch (error) {
      throw new RangeError(`${id}: ${messageOf(error)}`, { cause: error });
    }
  }
  return compared;
}

async function open(
  register: Register,
  stack: AsyncDisposableStack,
): Promise<Talk> {
  const peer = await LinePeer.dial(register.addr);
  const talk: Talk = { peer, heard: [], at: 0, isOver: false };
  const heard = listen(talk);
  stack.defer(async () => {
    hangUp(talk);
    await heard;
  });
  return talk;
}

async function listen(talk: Talk): Promise<void> {
  try {
    for (let line = await talk.peer.hear(); line !== undefined;) {
      talk.heard.push(meaningOf(line));
      line = await talk.peer.hear();
    }
  } catch {
    // It was closed here.
  }
  talk.isOver = true;
}

/** Says or awaits one frame; returns whether something was compared. */
async function replay(talk: Talk, frame: Frame): Promise<boolean> {
  if (frame.dir === "->") {
    if (frame.end !== undefined) {
      hangUp(talk);
    } else await say(talk, bytesOf(frame));
    return false;
  }
  if (frame.end !== undefined) {
    await eventually(
      `${frame.note}, not ${talk.heard.slice(talk.at)}`,
      () => talk.isOver,
    );
    return true;
  }
  const expected = meaningOf(new TextDecoder().decode(bytesOf(frame)));
  // Ours says nothing again that has not changed, so the last may be meant once more.
  await eventually(
    `the Register says ${expected}: ${talk.heard.slice(talk.at)}`,
    () => talk.heard.indexOf(expected, talk.at) >= 0,
  );
  talk.at = talk.heard.indexOf(expected, talk.at);
  return true;
}

function hangUp(talk: Talk): void {
  talk.isOver = true;
  try {
    talk.peer[Symbol.dispose]();
  } catch {
    // Closed already.
  }
}

async function say(talk: Talk, bytes: Uint8Array): Promise<void> {
  if (talk.isOver) return;
  try {
    await talk.peer.writeBytes(bytes);
  } catch {
    // The Register has ended the link meanwhile.
  }
}

/** A list without its order and form; an error in words is one, whatever they are. */
function meaningOf(line: string): string {
  if (!line.startsWith("{")) return "words";
  const { event, addresses = [] } = JSON.parse(line);
  return `${event} ${[...new Set(Object.values(addresses))].sort()}`;
}
