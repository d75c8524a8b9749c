import { assertEquals, assertFalse } from "@std/assert";
import { Peer, type PeerConnection } from "../../../lib/register/peer.ts";

const PATIENCE = { identify: 2, stale: 3, write: 4 };

/** A connection without a network; tests say which write is in flight. */
function fakeConnection(
  lives: { destroyed: boolean; writeInFlight: number },
): PeerConnection {
  return {
    remoteAddress: "10.0.0.1:1",
    remoteHostname: "10.0.0.1",
    maxLine: 0,
    get writeInFlight() {
      return lives.writeInFlight;
    },
    async *lines() {},
    send() {},
    close: () => Promise.resolve(),
    destroy() {
      lives.destroyed = true;
    },
  };
}

function createPeer() {
  const lives = { destroyed: false, writeInFlight: 0 };
  const peer = new Peer(fakeConnection(lives), PATIENCE);
  /** Sweeps until the peer is given up, at most 100 times; returns how often. */
  const sweepToTheEnd = () => {
    let sweeps = 0;
    for (; sweeps < 100 && !lives.destroyed; sweeps++) peer.sweep();
    return sweeps;
  };
  return { lives, peer, sweepToTheEnd };
}

Deno.test("Peer is given up one sweep past the time to identify itself", () => {
  const { sweepToTheEnd } = createPeer();

  assertEquals(sweepToTheEnd(), PATIENCE.identify + 1);
});

Deno.test("Peer that only pings gains no time", () => {
  const { peer, sweepToTheEnd } = createPeer();
  peer.sweep();
  peer.ping();

  assertEquals(sweepToTheEnd(), PATIENCE.identify);
});

Deno.test("Peer that has identified itself and never pings may be silent for ever", () => {
  const { lives, peer, sweepToTheEnd } = createPeer();
  peer.identify();

  sweepToTheEnd();

  assertFalse(lives.destroyed);
});

Deno.test("Peer that pings is given up when it stops, and each ping gives it the whole time", () => {
  const { peer, sweepToTheEnd } = createPeer();
  peer.identify();
  peer.ping();
  peer.sweep();
  peer.ping();
  peer.identify();

  assertEquals(sweepToTheEnd(), PATIENCE.stale + 1);
});

Deno.test("Peer that does not read is given up when one write takes too long", () => {
  const { lives, peer, sweepToTheEnd } = createPeer();
  peer.identify();
  lives.writeInFlight = 7;

  assertEquals(sweepToTheEnd(), PATIENCE.write + 2);
});

Deno.test("Peer that reads slowly is kept as long as its writes end", () => {
  const { lives, peer } = createPeer();
  peer.identify();

  for (let write = 1; write < 100; write++) {
    lives.writeInFlight = write;
    peer.sweep();
    peer.sweep();
  }

  assertFalse(lives.destroyed);
});

Deno.test("Peer that does not take its farewell is given up", async () => {
  const { peer, sweepToTheEnd } = createPeer();
  peer.identify();

  await peer.close();

  assertEquals(sweepToTheEnd(), PATIENCE.write + 1);
});
