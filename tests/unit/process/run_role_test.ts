import { assertEquals, assertMatch } from "@std/assert";
import type { Role } from "../../../lib/base/role.ts";
import type { Host } from "../../../lib/process/host.ts";
import { type RoleRun, runRole } from "../../../lib/process/run_role.ts";

/** A host that writes down what it is told. */
class FakeHost implements Host {
  readonly told: string[] = [];
  readonly #stop = new AbortController();
  readonly stop = this.#stop.signal;
  readonly stopNow = new AbortController().signal;
  /** May be replaced by a promise, for a role that has to wait. */
  begun?: Promise<void>;

  /** Tells the role to stop. */
  askToStop(): void {
    this.#stop.abort();
  }

  ready({ line }: { line: string }): void {
    this.told.push(line);
  }

  failed(message: string): void {
    this.told.push(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A role that ends as the test wants. */
class FakeRole implements Role {
  readonly end = Promise.withResolvers<void>();
  readonly finished = this.end.promise;

  shutdown(): Promise<void> {
    this.end.resolve();
    return this.finished;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

function run(
  role: FakeRole,
  options: Partial<RoleRun<FakeRole>> = {},
): RoleRun<FakeRole> {
  return {
    what: "role on port 1",
    start: () => Promise.resolve(role),
    readiness: () => ({ line: "ready", addresses: [] }),
    ...options,
  };
}

Deno.test("runRole() resolves with 0 when the role ends", async () => {
  const [host, role] = [new FakeHost(), new FakeRole()];
  role.end.resolve();

  assertEquals(await runRole(run(role), host), 0);
  assertEquals(host.told, ["ready"]);
});

Deno.test("runRole() loads code at once, and starts the role when it may begin", async () => {
  const host = new FakeHost();
  const { promise, resolve: letBegin } = Promise.withResolvers<void>();
  host.begun = promise;
  const role = new FakeRole();
  const steps: string[] = [];
  const ended = runRole(
    run(role, {
      load: () => void steps.push("load"),
      start: () => {
        steps.push("start");
        return Promise.resolve(role);
      },
    }),
    host,
  );
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assertEquals(steps, ["load"]);

  letBegin();
  await role.shutdown();

  assertEquals(await ended, 0);
  assertEquals([steps, host.told], [["load", "start"], ["ready"]]);
});

Deno.test("runRole() resolves with 0 when it is stopped before the role may begin", async () => {
  const host = new FakeHost();
  const { promise, resolve: letBegin } = Promise.withResolvers<void>();
  host.begun = promise;
  const start = () => Promise.reject(new TypeError("Cannot happen"));
  const ended = runRole(run(new FakeRole(), { start }), host);

  host.askToStop();
  letBegin();

  assertEquals(await ended, 0);
  assertEquals(host.told, []);
});

Deno.test("runRole() resolves with 1 and says why when the role cannot start", async () => {
  const host = new FakeHost();
  const error = new Deno.errors.AddrInUse("in use");
  error.stack = "AddrInUse: in use\n    at listen (ext:deno_net/01_net.js:9:9)";
  const start = () => Promise.reject(error);

  assertEquals(await runRole(run(new FakeRole(), { start }), host), 1);
  assertEquals(host.told, ["Cannot start role on port 1: in use"]);
});

Deno.test("runRole() says where, if the user's code throws when the role starts", async () => {
  const host = new FakeHost();
  const start = () => Promise.reject(new RangeError("no database"));

  await runRole(run(new FakeRole(), { start }), host);

  assertMatch(
    host.told[0] ?? "",
    /^Cannot start role on port 1: RangeError: no database at .*run_role_test\.ts:\d+/,
  );
});

Deno.test("runRole() does not lengthen a message that says all", async () => {
  const host = new FakeHost();
  const start = () => {
    throw new TypeError("Cannot load handler: it is missing");
  };

  assertEquals(await runRole(run(new FakeRole(), { start }), host), 1);
  assertEquals(host.told, ["Cannot load handler: it is missing"]);
});

Deno.test("runRole() resolves with 1 and says why when the role fails", async () => {
  const [host, role] = [new FakeHost(), new FakeRole()];
  role.end.reject(new TypeError("Cannot go on: no reason"));

  assertEquals(await runRole(run(role), host), 1);
  assertEquals(host.told, ["ready", "Cannot go on: no reason"]);
});

Deno.test("runRole() resolves with 0 when it is stopped while the role starts", async () => {
  const host = new FakeHost();
  const start = (signal: AbortSignal) => {
    host.askToStop();
    return Promise.reject(signal.reason);
  };

  assertEquals(await runRole(run(new FakeRole(), { start }), host), 0);
  assertEquals(host.told, []);
});

Deno.test("runRole() resolves with 1 when the role does not end in time", async () => {
  const [host, role] = [new FakeHost(), new FakeRole()];
  const code = runRole(run(role, { stopTimeout: 5 }), host);

  host.askToStop();

  assertEquals(await code, 1);
  assertEquals(
    host.told.at(-1),
    "Cannot stop role on port 1 within 5 ms: it ends unfinished",
  );
});

Deno.test("runRole() resolves with 1 when it is stopped while the role starts, and that never ends", async () => {
  const host = new FakeHost();
  const start = () => new Promise<never>(() => {});
  const code = runRole(run(new FakeRole(), { start, stopTimeout: 5 }), host);

  host.askToStop();

  assertEquals(await code, 1);
  assertEquals(host.told, [
    "Cannot stop role on port 1 within 5 ms: it ends unfinished",
  ]);
});
