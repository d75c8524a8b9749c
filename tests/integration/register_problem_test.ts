import { assertEquals, assertStringIncludes } from "@std/assert";
import { RegisterClient } from "../../lib/roster/register_client.ts";
import { registerProblem } from "../../lib/roster/register_problem.ts";
import { Trust } from "../../lib/peer/trust.ts";
import { Register } from "../../mod.ts";
import { eventually } from "../_support/eventually.ts";
import { getAvailablePorts } from "../_support/processes.ts";

function clientOf(register: string): RegisterClient {
  return new RegisterClient({
    registers: [register],
    trust: Trust.NONE,
    introduction: { event: "worker_connect", instance: "i" },
  });
}

Deno.test("registerProblem() says what was tried and what usually causes it", async () => {
  const register = `127.0.0.1:${getAvailablePorts(1)}`;
  await using client = clientOf(register);
  client.start();
  await eventually("it was tried", () => client.losses.size === 1);

  const problem = registerProblem(client, "worker") ?? "";

  assertStringIncludes(problem, "this worker is in no Register's list");
  assertStringIncludes(problem, register);
  assertStringIncludes(problem, "wrong --register");
});

Deno.test("registerProblem() suspects the secret key if the Register closes the link", async () => {
  await using register = await Register.start({
    listen: "127.0.0.1:0",
    secretKey: "k",
  });
  await using client = clientOf(register.status().address);
  client.start();
  await eventually("it was refused", () => client.losses.size === 1);

  assertStringIncludes(registerProblem(client, "worker") ?? "", "secret key");
});

Deno.test("registerProblem() is none when a Register is joined", async () => {
  await using register = await Register.start({ listen: "127.0.0.1:0" });
  await using client = clientOf(register.status().address);
  client.start();
  await eventually(
    "it is joined",
    () => client.registers().some(({ joined }) => joined),
  );

  assertEquals(registerProblem(client, "worker"), undefined);
});
