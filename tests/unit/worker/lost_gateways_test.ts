import { assertEquals } from "@std/assert";
import type { Cluster } from "../../../mod.ts";
import { SilentPeerError } from "../../../lib/base/errors.ts";
import { RequestTally } from "../../../lib/worker/events/open_requests.ts";
import { GatewayStream } from "../../../lib/worker/gateway_stream.ts";
import { LostGateways } from "../../../lib/worker/lost_gateways.ts";

const ADDRESS = "10.0.0.1:2900";
const REFUSED = new Deno.errors.ConnectionRefused("refused");

/** Everything around {@linkcode LostGateways}, set by hand. */
class Surroundings {
  readonly listed = new Set([ADDRESS]);
  readonly dead: GatewayStream[] = [];
  isInformed = true;
  readonly lost = new LostGateways(
    (address) => this.listed.has(address),
    () => this.isInformed,
    (stream) => this.dead.push(stream),
  );

  lose(instance: string): GatewayStream {
    const stream = newStream();
    this.lost.add(ADDRESS, instance, stream);
    return stream;
  }
}

function newStream(): GatewayStream {
  return new GatewayStream("7f0000010b54", 1_000, {
    handler: () => {},
    cluster: {} as Cluster,
    isOver: false,
    tally: new RequestTally(),
    marksBeside: () => [],
    onWritten: () => {},
    onHandled: () => {},
    onThrown: () => {},
    onTimedOut: () => {},
  });
}

Deno.test("LostGateways takes a gateway for alive that answers again", () => {
  const { lost, dead, ...around } = newSurroundings();
  around.lose("one");

  lost.onUp(ADDRESS, "one");
  lost.onFailed(ADDRESS, REFUSED);
  around.listed.clear();
  lost.judge();

  assertEquals(dead, []);
  assertEquals(lost.size, 0);
});

Deno.test("LostGateways takes a gateway for dead when another one answers in its place, once", () => {
  const { lost, dead, lose } = newSurroundings();
  const stream = lose("one");

  lost.onUp(ADDRESS, "two");
  lost.onUp(ADDRESS, "two");

  assertEquals(dead, [stream]);
});

Deno.test("LostGateways takes a gateway for dead that is not listed and cannot be reached, in either order", () => {
  for (const listedFirst of [true, false]) {
    const { lost, dead, lose, listed } = newSurroundings();
    const stream = lose("one");
    const steps = [
      () => {
        listed.clear();
        lost.judge();
      },
      () => lost.onFailed(ADDRESS, REFUSED),
    ];
    if (listedFirst) steps.reverse();

    steps[0]?.();
    assertEquals(dead, []);
    steps[1]?.();
    lost.judge();

    assertEquals(dead, [stream]);
  }
});

Deno.test("LostGateways waits for a gateway that is listed, however often it cannot be reached", () => {
  const { lost, dead, lose } = newSurroundings();
  lose("one");

  for (let each = 0; each < 20; each++) {
    lost.onFailed(ADDRESS, REFUSED);
    lost.judge();
  }

  assertEquals(dead, []);
  assertEquals(lost.size, 1);
});

Deno.test("LostGateways waits for a gateway that takes connections and stands still, though it is not listed", () => {
  const { lost, dead, lose, listed } = newSurroundings();
  const stream = lose("one");
  listed.clear();

  lost.onFailed(ADDRESS, REFUSED);
  lost.onFailed(ADDRESS, new SilentPeerError("silent"));
  lost.judge();
  assertEquals(dead, []);
  lost.onFailed(ADDRESS, REFUSED);
  lost.judge();

  assertEquals(dead, [stream]);
});

Deno.test("LostGateways waits until a Register is there that knows who is up, however long that takes", () => {
  const around = new Surroundings();
  around.isInformed = false;
  around.listed.clear();
  const stream = around.lose("one");

  for (let each = 0; each < 20; each++) {
    around.lost.onFailed(ADDRESS, REFUSED);
    around.lost.judge();
  }
  assertEquals(around.dead, []);
  around.isInformed = true;
  around.lost.judge();

  assertEquals(around.dead, [stream]);
});

function newSurroundings() {
  const around = new Surroundings();
  return {
    lost: around.lost,
    dead: around.dead,
    listed: around.listed,
    lose: (instance: string) => around.lose(instance),
  };
}
