import { assertEquals } from "@std/assert";
import {
  WATCHED_NAMES,
  watchedNames,
} from "../../../../lib/cli/options/presence_kind.ts";

Deno.test("WATCHED_NAMES takes names and beginnings of groups and uids, and nothing else", () => {
  for (const text of ["group:room", "group:room-*", "uid:*", "uid:a:b"]) {
    assertEquals(WATCHED_NAMES.accepts(text), true, text);
  }
  for (const text of ["", "room", "group:", "uid:", "group:a*b", "client:x"]) {
    assertEquals(WATCHED_NAMES.accepts(text), false, text);
  }
});

Deno.test("watchedNames() tells groups and uids apart", () => {
  assertEquals(watchedNames(["group:a", "uid:*", "group:b-*"]), {
    groups: ["a", "b-*"],
    uids: ["*"],
  });
});
