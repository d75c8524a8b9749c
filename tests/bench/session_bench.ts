/**
 * What a session costs for each event of a client: nothing if the handler does not
 * look at it, which is the baseline of the first group.
 *
 *     deno bench -A tests/bench/session_bench.ts
 *
 * @module
 */
import {
  decodeClientState,
  encodeClientState,
} from "../../lib/wire/bodies/client_state.ts";
import {
  decodeChange,
  encodeChange,
  encodeSession,
} from "../../lib/wire/bodies/session.ts";
import { LaneSession } from "../../lib/worker/lane_session.ts";

/** A session of some 100 B as CBOR. */
const SESSION = {
  name: "Ann",
  seen: 0,
  room: "lobby",
  since: 1_700_000_000_000,
  note: "z".repeat(40),
};

/** What a bench found, so that no result is dead code. */
let seen = 0;

const stored = encodeSession(SESSION);
/** The session of a client as its worker has it. */
function lane(): LaneSession {
  const session = new LaneSession();
  session.adopt(stored);
  return session;
}

const group = "one event of a client with a session of 100 B";

const untouched = lane();
Deno.bench({
  name: "the handler does not look",
  group,
  baseline: true,
  fn: () => void (seen += untouched.takeChange() === undefined ? 1 : 0),
});

const read = lane();
Deno.bench({
  name: "the handler reads",
  group,
  fn() {
    seen += Number(read.value.seen);
    seen += read.takeChange() === undefined ? 1 : 0;
  },
});

const changed = lane();
Deno.bench({
  name: "the handler changes one key, the gateway confirms",
  group,
  fn() {
    changed.value.seen = ++seen;
    changed.takeChange();
    changed.confirm("stored");
  },
});

const state = {
  version: 7,
  session: stored,
  uid: "uid 1",
  remoteAddress: "127.0.0.1:50000",
  listener: 0,
};
const head = encodeClientState(state);
const json = new TextEncoder().encode(JSON.stringify(SESSION));
const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

Deno.bench({
  name: "JSON",
  group: "load a session",
  baseline: true,
  fn: () => void (seen += JSON.parse(decoder.decode(json)).seen),
});

Deno.bench({
  name: "client state with the session in it",
  group: "load a session",
  fn: () => void (seen += decodeClientState(head).version),
});

Deno.bench({
  name: "JSON",
  group: "save a session",
  baseline: true,
  fn() {
    const change = encoder.encode(JSON.stringify({ set: { seen: 1 } }));
    seen += JSON.parse(decoder.decode(change)).set.seen;
  },
});

Deno.bench({
  name: "a change of one key, encoded and decoded",
  group: "save a session",
  fn() {
    const change = encodeChange({ set: { seen: 1 }, remove: [] });
    seen += decodeChange(change).remove.length;
  },
});
