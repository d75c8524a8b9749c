import { assertEquals } from "@std/assert";
import { stateOf, watchFiles } from "../../../../lib/cli/run/file_watch.ts";
import { Inbox } from "../../../_support/inbox.ts";

Deno.test("watchFiles() goes on where a file's folder is not there, and sees it come", async () => {
  const folder = await Deno.makeTempDir();
  const handler = `${folder}/handler.ts`;
  const room = `${folder}/rooms/big/room.ts`;
  await Deno.writeTextFile(handler, "");
  const changes = new Inbox<readonly string[]>();
  const stop = new AbortController();

  const watching = watchFiles({
    used: stateOf([handler, room]),
    files: () => Promise.resolve([handler, room]),
    onChange: (changed) => Promise.resolve(changes.push(changed)),
    signal: stop.signal,
  });
  await Deno.writeTextFile(handler, "one");
  assertEquals(await changes.next(), [handler]);
  await Deno.mkdir(`${folder}/rooms/big`, { recursive: true });
  await Deno.writeTextFile(room, "two");
  assertEquals(await changes.next(), [room]);

  // One that leaves takes no other with it.
  await Deno.remove(`${folder}/rooms`, { recursive: true });
  await Deno.writeTextFile(handler, "three");
  assertEquals(await changes.next(), [handler]);

  stop.abort();
  await watching;
  await Deno.remove(folder, { recursive: true });
});
