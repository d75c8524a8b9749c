import { assertEquals, assertThrows } from "@std/assert";
import { readSendOrder } from "../../../lib/admin/send_order.ts";

const SURE = { exclude: [], confirm: true, raw: false };

Deno.test("readSendOrder() reads whom a message goes to, and how", () => {
  assertEquals(readSendOrder({ to: "all", message: "hi" }), {
    to: "all",
    ids: [],
    message: "hi",
    options: SURE,
  });
  assertEquals(readSendOrder({ to: "uid", id: "ann", base64: "AQI=" }), {
    to: "uid",
    ids: ["ann"],
    message: Uint8Array.of(1, 2),
    options: SURE,
  });
  assertEquals(
    readSendOrder({
      to: "group",
      id: ["a", "b"],
      message: "",
      exclude: ["c"],
      confirm: false,
      raw: true,
      policy: "latest",
      key: "k",
    }),
    {
      to: "group",
      ids: ["a", "b"],
      message: "",
      options: {
        exclude: ["c"],
        confirm: false,
        raw: true,
        policy: "latest",
        key: "k",
      },
    },
  );
});

for (
  const [what, order, message] of [
    ["no object", [1], "must be a JSON object"],
    ["null", null, "must be a JSON object"],
    ["an unknown field", { to: "all", msg: "x" }, '"msg" must be one of'],
    ["no recipient", { message: "x" }, '"to" must be one of all, client'],
    ["an unknown recipient", { to: "room", message: "x" }, '"to" must be'],
    [
      "an id for all",
      { to: "all", id: "a", message: "x" },
      '"id" must be left',
    ],
    ["no id", { to: "uid", message: "x" }, '"id" must be a text or a list'],
    ["a wrong id", { to: "uid", id: [1], message: "x" }, '"id" must be'],
    ["no message", { to: "all" }, '"message" must be there'],
    ["a wrong message", { to: "all", message: 1 }, '"message" must be a text'],
    ["wrong bytes", { to: "all", base64: 1 }, '"base64" must be a text'],
    ["bad base64", { to: "all", base64: "!" }, "must be base64"],
    ["two messages", { to: "all", message: "", base64: "" }, '"base64" must'],
    ["a wrong exclude", { to: "all", message: "x", exclude: "a" }, '"exclude"'],
    ["a wrong confirm", { to: "all", message: "x", confirm: 1 }, '"confirm"'],
    ["a wrong raw", { to: "all", message: "x", raw: "no" }, '"raw"'],
    ["a wrong key", { to: "all", message: "x", key: 7 }, '"key"'],
  ] as const
) {
  Deno.test(`readSendOrder() rejects ${what}`, () => {
    assertThrows(() => readSendOrder(order), TypeError, message);
  });
}
