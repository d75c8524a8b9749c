/**
 * The guide that leads from the original here: its commands are run, in their order, on
 * other ports, and clients see what it says.
 *
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { eventually } from "../_support/eventually.ts";
import { layPhpPackages, phpTest } from "../_support/php_peers.ts";
import { getAvailablePorts, TestProcess } from "../_support/processes.ts";
import { TestClient } from "../_support/test_client.ts";

const ROOT = new URL("../../", import.meta.url);

/** The commands of a guide. */
async function commandsOf(name: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(`docs/${name}`, ROOT));
  return [...text.matchAll(/```sh\n([^`]*)```/g)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .filter((line) => line !== "");
}

Deno.test("both guides for moving from GatewayWorker have the same commands", async () => {
  const english = await commandsOf("moving-from-gatewayworker.md");
  const chinese = await commandsOf("moving-from-gatewayworker.zh-CN.md");
  assertEquals(chinese, english);
  assertNotEquals(english.length, 0);
});

/** Ports that the guide names, and others that are free. */
class Ports {
  readonly #first = getAvailablePorts(40);
  readonly #known = new Map(
    ["1236", "1237", "7272", "7273", "2900", "2901", "3000"]
      .map((port, index) => [port, String(this.#first + index)]),
  );

  /** A text with other ports. 3000 is the last, and may be followed by others. */
  in(text: string): string {
    return text.replaceAll(
      /\b(?:1236|1237|7272|7273|2900|2901|3000)\b/g,
      (port) => this.#known.get(port) ?? port,
    );
  }
}

phpTest(
  "the guide for moving from GatewayWorker works as it is written",
  async () => {
    const ports = new Ports();
    const commands = (await commandsOf("moving-from-gatewayworker.md"))
      .map((line) => ports.in(line));
    await using stack = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir();
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    const moving = new URL("examples/moving/", ROOT);
    for await (const { name } of Deno.readDir(moving)) {
      const text = await Deno.readTextFile(new URL(name, moving));
      await Deno.writeTextFile(`${folder}/${name}`, ports.in(text));
    }
    await layPhpPackages(folder);
    const find = (...parts: string[]) => {
      const line = commands.find((each) =>
        parts.every((it) => each.includes(it))
      );
      return (line ?? `there is no ${parts}`)
        .replaceAll("examples/moving/", `${folder}/`).split(" ")
        .map((word) => word.replaceAll('"', ""));
    };
    const start = (...parts: string[]) => {
      const [program = "", ...args] = find(...parts);
      const command = [
        program === "deno" ? Deno.execPath() : program,
        ...args.map((arg) =>
          arg === `${folder}/handler.ts` ? "examples/moving/handler.ts" : arg
        ),
      ] as [string, ...string[]];
      return stack.use(
        new TestProcess(command, { cwd: new URL(ROOT).pathname }),
      );
    };
    const run = async (...parts: string[]) => await start(...parts).code();
    const connect = async (port: string, name: string) => {
      const url = ports.in(`ws://127.0.0.1:${port}/?name=${name}&room=lobby`);
      return stack.use(await TestClient.connect(url));
    };
    const next = async (client: TestClient, type: string, text?: string) => {
      const isMeant = (message: unknown) => {
        const said = JSON.parse(String(message));
        return said.type === type && (text === undefined || said.text === text);
      };
      return JSON.parse(String(await client.messages.until(isMeant)));
    };

    // 1: the cluster as it is.
    start("start_register.php start");
    start("start_gateway.php start");
    start("start_worker.php start");
    let ann: TestClient | undefined;
    await eventually("the original serves", async () => {
      ann = await connect("7272", "ann").catch(() => undefined);
      const said = ann && await Promise.race([next(ann, "in"), ann.closed]);
      return said !== undefined && "type" in said;
    });
    if (ann === undefined) return;
    // 2 and 3: a Register and a gateway of ours.
    await start("cli.ts register").line(/ready/);
    await start("cli.ts gateway").line(/ready/);
    let sue: TestClient | undefined;
    await eventually("PHP serves at our gateway", async () => {
      sue = await connect("7273", "sue");
      await Promise.race([next(sue, "in"), sue.closed]);
      return true;
    });
    if (sue === undefined) return;
    assertEquals((await next(ann, "in")).name, "sue");
    sue.send("hello");
    assertEquals((await next(ann, "said", "hello")).name, "sue");
    // 4: the workers.
    await start("cli.ts worker").line(/ready/);
    assertEquals(await run("start_worker.php stop"), 0);
    ann.send("are you there?");
    assertEquals((await next(sue, "said", "are you there?")).name, "ann");
    sue.send("yes");
    assertEquals((await next(ann, "said", "yes")).name, "sue");
    // 5: their gateways and their Register.
    assertEquals(await run("start_gateway.php stop"), 0);
    await ann.closed;
    assertEquals((await next(sue, "out")).name, "ann");
    assertEquals(await run("start_register.php stop"), 0);
    const tell = find("tell.php").join(" ").replace("the shop opens", "open");
    const [program = "", ...args] = tell.split(" ");
    const told = stack.use(new TestProcess([program, ...args]));
    assertEquals((await next(sue, "told")).text, "open");
    assertEquals(await told.code(), 0);
    assertEquals(told.out, ["1 in lobby"]);
    // And back.
    start("start_register.php start");
    start("start_gateway.php start");
    await eventually("ours serves at the original's gateway", async () => {
      const back = await connect("7272", "bob").catch(() => undefined);
      const said = back && await Promise.race([next(back, "in"), back.closed]);
      return said !== undefined && "type" in said;
    });
    assertEquals((await next(sue, "in")).name, "bob");
  },
);
