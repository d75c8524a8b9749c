import { assertEquals, assertThrows } from "@std/assert";
import { writeAll } from "../../../lib/process/write_all.ts";

Deno.test("writeAll() gives up quietly when nobody reads any more", () => {
  writeAll({
    writeSync: () => {
      throw new Deno.errors.BrokenPipe();
    },
  }, "text");
});

Deno.test("writeAll() throws any other error", () => {
  const target = {
    writeSync: () => {
      throw new Deno.errors.PermissionDenied("no");
    },
  };

  assertThrows(() => writeAll(target, "text"), Deno.errors.PermissionDenied);
});

Deno.test("writeAll() waits for a full pipe, but not for ever", () => {
  let tries = 0;
  const takesThird = {
    writeSync: ({ length }: Uint8Array) => {
      if (++tries < 3) throw new Deno.errors.WouldBlock();
      return length;
    },
  };
  const takesNone = {
    writeSync: () => {
      throw new Deno.errors.WouldBlock();
    },
  };

  writeAll(takesThird, "text");
  writeAll(takesNone, "text");

  assertEquals(tries, 3);
});
