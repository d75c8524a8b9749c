/**
 * The stores of docs/routing.md, as they are written there, asked by two processes.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { eventually } from "../_support/eventually.ts";
import { getAvailablePorts } from "../_support/processes.ts";

const PAGE = await Deno.readTextFile("docs/routing.md");

/** The code of the page whose first line has some words. */
function snippet(words: string): string {
  const blocks = PAGE.matchAll(/```ts ignore\n(.*?)```/gs).map(([, code]) =>
    code
  );
  const found = blocks.find((code) => code?.split("\n")[0]?.includes(words));
  assert(found !== undefined, `no block of ${words}`);
  return found;
}

/** Runs the code in two processes, which want the same seats; returns who got which. */
async function race(code: string, seats: string): Promise<string[]> {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/deno.json`, "{}");
  await Deno.writeTextFile(`${dir}/seats.ts`, code);
  await Deno.writeTextFile(
    `${dir}/main.ts`,
    `import { take } from "./seats.ts";
const seats = Array.from({ length: 20 }, (_, index) => \`\${index}\`);
const owners = await Promise.all(seats.map((seat) => take(seat, Deno.args[0] ?? "")));
console.log(JSON.stringify(owners));
Deno.exit(0);`,
  );
  const outcomes = await Promise.all(
    ["ann", "ben"].map((uid) =>
      new Deno.Command("deno", {
        args: ["run", "-A", "--unstable-kv", "--no-lock", "main.ts", uid],
        cwd: dir,
        env: { SEATS: seats.replace("DIR", dir) },
      }).output()
    ),
  );
  await Deno.remove(dir, { recursive: true });
  return outcomes.map(({ stdout, stderr }) => {
    const text = new TextDecoder().decode(stdout).trim();
    assert(text !== "", new TextDecoder().decode(stderr));
    return text;
  });
}

function has(program: string): boolean {
  const { success } = new Deno.Command("sh", {
    args: ["-c", `command -v ${program}`],
    stdout: "null",
  }).outputSync();
  return success;
}

Deno.test("two workers agree on who has a seat, by the store of docs/routing.md for one machine", async () => {
  const [ann, ben] = await race(snippet("whatever worker"), "DIR/seats.db");

  assertEquals(ann, ben);
});

Deno.test({
  name:
    "two workers agree on who has a seat, by Redis as docs/routing.md has it",
  // Skipped where Debian's redis-server is missing.
  ignore: !has("redis-server"),
  fn: async () => {
    const port = getAvailablePorts(1);
    await using server = startRedis(port);
    await server.ready;

    const [ann, ben] = await race(
      snippet("with Redis"),
      `redis://127.0.0.1:${port}`,
    );

    assertEquals(ann, ben);
  },
});

function startRedis(port: number) {
  const process = new Deno.Command("redis-server", {
    args: ["--port", `${port}`, "--bind", "127.0.0.1", "--save", ""],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const ready = eventually("redis listens", async () => {
    try {
      using _conn = await Deno.connect({ hostname: "127.0.0.1", port });
      return true;
    } catch {
      // Not yet.
      return false;
    }
  });
  return {
    ready,
    [Symbol.asyncDispose]: async () => {
      process.kill("SIGTERM");
      await process.status;
    },
  };
}
