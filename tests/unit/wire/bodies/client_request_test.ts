import { assertEquals } from "@std/assert";
import { toClientRequest } from "../../../../lib/wire/bodies/client_request.ts";

Deno.test("toClientRequest() takes cookies apart at semicolons, the first of equal names", () => {
  const { cookies } = toClientRequest("/room?id=7", [
    [
      "cookie",
      "sid=real; prefs=x,sid=other; sid=late; name=%C3%A9; odd=%E4%zz",
    ],
    ["cookie", "more=1"],
  ]);

  assertEquals({ ...cookies }, {
    sid: "real",
    prefs: "x,sid=other",
    name: "é",
    odd: "%E4%zz",
    more: "1",
  });
});
