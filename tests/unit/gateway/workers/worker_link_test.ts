import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../../lib/base/errors.ts";
import { Command } from "../../../../lib/wire/command.ts";
import { FrameHeader } from "../../../../lib/wire/frame.ts";
import { TestGateway, type TestWorker } from "../_test_gateway.ts";

function say({ link }: TestWorker, command: Command, number: number): void {
  const header = new FrameHeader();
  header.command = command;
  header.number = number;
  link.onFrame(header, new Uint8Array(0), 0, 0);
}

function workerWithEvents(): { gateway: TestGateway; worker: TestWorker } {
  const gateway = new TestGateway();
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  client.say("a");
  client.say("b");
  return { gateway, worker };
}

Deno.test("WorkerLink refuses acknowledgements of what was never sent", () => {
  const { worker } = workerWithEvents();

  assertThrows(() => say(worker, Command.Acknowledge, 4), ProtocolError);
});

Deno.test("WorkerLink refuses acknowledgements that go back", () => {
  const { worker } = workerWithEvents();
  say(worker, Command.Acknowledge, 2);

  assertThrows(() => say(worker, Command.Acknowledge, 1), ProtocolError);
});

Deno.test("WorkerLink ignores what a worker says of events that it does not have", () => {
  const { gateway, worker } = workerWithEvents();
  say(worker, Command.Acknowledge, 2);

  say(worker, Command.Defer, 1);
  say(worker, Command.Defer, 99);
  say(worker, Command.Release, 1);
  say(worker, Command.Release, 99);

  gateway.check();
  assertEquals(worker.link.inFlight, 1);
});

Deno.test("WorkerLink counts an event that is set aside twice once", () => {
  const { gateway, worker } = workerWithEvents();

  say(worker, Command.Defer, 1);
  say(worker, Command.Defer, 1);
  say(worker, Command.Acknowledge, 3);
  say(worker, Command.Release, 1);

  gateway.check();
  assertEquals(gateway.ledger.acknowledged, 3);
  assertEquals(gateway.table.get(1)?.route.state, "flowing");
});

Deno.test("WorkerLink takes no clients when it is gone", () => {
  const { worker } = workerWithEvents();
  assertEquals(worker.link.takesClients, true);

  worker.lose();

  assertEquals(worker.link.takesClients, false);
});

Deno.test("WorkerLink has room for so many bytes, and for one event for each 64 of them", () => {
  const gateway = new TestGateway({ window: 6_400 });
  const worker = gateway.addWorker();
  const client = gateway.addClient();
  worker.acknowledge();

  let sent = 0;
  for (; worker.link.hasRoom && sent < 1_000; sent++) client.say("");
  assertEquals(sent, 100);
  worker.acknowledge();
  for (sent = 0; worker.link.hasRoom && sent < 1_000; sent++) {
    client.say("x".repeat(112));
  }

  assertEquals(sent, 50);
});

Deno.test("WorkerLink tells at a checkpoint that all before it is done, and not sooner", () => {
  const { gateway, worker } = workerWithEvents();
  const told: boolean[] = [];
  const { route } = gateway.table.get(1) ?? {};
  // Connect, "a" and "b" are on their way.
  route?.checkpoint((isDone) => told.push(isDone));
  say(worker, Command.Acknowledge, 2);
  assertEquals(told, []);
  say(worker, Command.Acknowledge, 3);
  assertEquals(told, [true]);

  route?.checkpoint((isDone) => told.push(isDone));
  assertEquals(told, [true, true]);
});

Deno.test("WorkerLink cannot tell at a checkpoint while an event takes long, or if it is gone", () => {
  const { gateway, worker } = workerWithEvents();
  const told: boolean[] = [];
  const { route } = gateway.table.get(1) ?? {};
  const ask = () => route?.checkpoint((isDone) => told.push(isDone));
  ask();
  // It is acknowledged, and not done.
  say(worker, Command.Defer, 3);
  say(worker, Command.Acknowledge, 3);
  assertEquals(told, [false]);
  ask();
  assertEquals(told, [false, false]);
  say(worker, Command.Release, 3);
  ask();
  assertEquals(told, [false, false, true]);

  gateway.table.get(1)?.onMessage(new Uint8Array(1), 0, 1, false);
  ask();
  worker.lose();

  assertEquals(told, [false, false, true, false]);
  // Its worker is lost, and the message waits for another one.
  ask();
  assertEquals(told.at(-1), false);
});
