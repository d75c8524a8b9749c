import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Access } from "../../../lib/admin/access.ts";

function ask(access: Access, url: string, authorization?: string) {
  const headers = new Headers(authorization ? { authorization } : {});
  return access.refuse(new Request(url, { headers }), new URL(url))?.status;
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

Deno.test("without a token, requests to other names than this machine's are refused", () => {
  const access = new Access("", "127.0.0.1");

  for (const host of ["127.0.0.1:1", "localhost:1", "[::1]:1"]) {
    assertStrictEquals(ask(access, `http://${host}/api/count`), undefined);
  }
  for (const host of ["evil.example:1", "10.0.0.1", "localhost.evil.example"]) {
    assertEquals(ask(access, `http://${host}/api/count`), 403);
  }
});

Deno.test("with a token, it must be there and right", () => {
  const access = new Access("s3cret", "0.0.0.0");
  const url = "http://example.org/api/count";

  assertStrictEquals(ask(access, url, "Bearer s3cret"), undefined);
  assertStrictEquals(ask(access, url, "bearer  s3cret"), undefined);
  for (const wrong of [undefined, "Bearer S3cret", "s3cret", "Basic s3cret"]) {
    assertEquals(ask(access, url, wrong), 401);
  }
});
