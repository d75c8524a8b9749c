import { assertEquals } from "@std/assert";
import { Command, isEvent } from "../../../lib/wire/command.ts";

Deno.test("Command has no number twice", () => {
  const numbers = Object.values(Command);

  assertEquals(new Set(numbers).size, numbers.length);
});

Deno.test("isEvent() is true of what is numbered and acknowledged", () => {
  const events = Object.values(Command).filter(isEvent);

  assertEquals(events, [
    Command.Connect,
    Command.Message,
    Command.Close,
    Command.Away,
    Command.Back,
  ]);
});
