import { assertEquals } from "@std/assert";
import {
  JournalReader,
  type JournalRecord,
  JournalWriter,
} from "../../chaos/journal.ts";

const OPEN: JournalRecord = { kind: "open", name: "c1.1" };
const MARK: JournalRecord = { kind: "mark", mark: "killed", target: "w7" };

async function temporary(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempFile();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

Deno.test("JournalReader reads what writers append, while they do", async () => {
  await using file = await temporary();
  using first = new JournalWriter(file.path);
  using second = new JournalWriter(file.path);
  using reader = new JournalReader(file.path);

  first.append(OPEN);
  assertEquals([...reader.read()], [OPEN]);
  second.append(MARK);
  first.append(OPEN);
  assertEquals([...reader.read()], [MARK, OPEN]);
  assertEquals([...reader.read()], []);
});

Deno.test("JournalReader leaves out a line that its writer did not finish, and reads the next", async () => {
  await using file = await temporary();
  using writer = new JournalWriter(file.path);
  using reader = new JournalReader(file.path);
  writer.append(OPEN);
  await Deno.writeTextFile(file.path, '\n{"kind":"mark","ma', { append: true });
  writer.append(MARK);

  assertEquals([...reader.read()], [OPEN, MARK]);
  assertEquals(reader.torn, 1);
});

Deno.test("JournalReader takes a record for none that is of no known kind", async () => {
  await using file = await temporary();
  await Deno.writeTextFile(file.path, '{"kind":"else"}\n12\nnull\n');
  using reader = new JournalReader(file.path);

  assertEquals([...reader.read()], []);
  assertEquals(reader.torn, 3);
});
