import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Access } from "../../../lib/admin/access.ts";
import type { OpenTo } from "../../../lib/admin/router.ts";

function ask(
  access: Access,
  url: string,
  { authorization, openTo }: { authorization?: string; openTo?: OpenTo } = {},
) {
  const headers = new Headers(authorization ? { authorization } : {});
  const request = new Request(url, { headers });
  return access.refuse(request, new URL(url), openTo)?.status;
}

Deno.test("without a token, only this machine's own addresses may be listened on", () => {
  for (const hostname of ["127.0.0.1", "127.9.9.9", "::1", "localhost"]) {
    new Access("", hostname);
  }
  for (const hostname of ["0.0.0.0", "::", "10.0.0.1", "example.org"]) {
    assertThrows(
      () => new Access("", hostname),
      TypeError,
      `on ${hostname} without a token`,
    );
    new Access("secret", hostname);
  }
});

Deno.test("without a token, this machine is answered what is open to it, by its own names only", () => {
  const access = new Access("", "127.0.0.1");
  const openTo = "machine";

  for (const host of ["127.0.0.1:1", "localhost:1", "[::1]:1"]) {
    const url = `http://${host}/metrics`;
    assertStrictEquals(ask(access, url, { openTo }), undefined);
    assertEquals(ask(access, url), 403);
    assertStrictEquals(ask(access, url, { openTo: "anybody" }), undefined);
  }
  for (const host of ["evil.example:1", "10.0.0.1", "localhost.evil.example"]) {
    assertEquals(ask(access, `http://${host}/metrics`, { openTo }), 403);
  }
});

Deno.test("with a token, it must be there and right", () => {
  const access = new Access("s3cret", "0.0.0.0");
  const url = "http://example.org/api/count";
  const openTo = "machine";

  for (const authorization of ["Bearer s3cret", "bearer  s3cret"]) {
    assertStrictEquals(ask(access, url, { authorization }), undefined);
  }
  for (const wrong of ["", "Bearer S3cret", "s3cret", "Basic s3cret"]) {
    assertEquals(ask(access, url, { authorization: wrong }), 401);
    assertEquals(ask(access, url, { authorization: wrong, openTo }), 401);
  }
  assertStrictEquals(ask(access, url, { openTo: "anybody" }), undefined);
});

Deno.test("a token that no request can carry is refused, and not shown", () => {
  for (
    const token of ["s3cret\n", "s3cret\r\n", " s3cret", "s3 cret", "s3crät"]
  ) {
    const error = assertThrows(
      () => new Access(token, "127.0.0.1"),
      TypeError,
      "Cannot take this token",
    );
    assertEquals(/s3/.test(error.message), false);
  }
});
