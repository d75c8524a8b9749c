import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  authorizeFiles,
  loadAuthorize,
} from "../../../lib/cli/options/load_authorize.ts";
import { makeToken } from "../../../examples/jwt/make_token.ts";
import { TestClient } from "../../_support/test_client.ts";
import { text } from "../../unit/transport/_feed.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";
import { clientUrl, startAll } from "../../_support/commands.ts";

const EXAMPLE = new URL("../../../examples/jwt/", import.meta.url).pathname;

const load = (authorize: string) =>
  loadAuthorize({ authorize, startTimeout: 1 });

Deno.test("loadAuthorize() loads nothing if nothing is named", async () => {
  assertEquals(await load(""), {});
  assertEquals(authorizeFiles(""), []);
});

Deno.test("loadAuthorize() says what is wrong with a module", async () => {
  await assertRejects(
    () => load("/nowhere/authorize.ts"),
    TypeError,
    'Cannot load authorize module "/nowhere/authorize.ts"',
  );
  await assertRejects(
    () => load("data:text/javascript,export default 5"),
    TypeError,
    "must be a function: found number",
  );
});

Deno.test("start --authorize keeps out who has no token, and binds who has one", async () => {
  await using process = startAll(`${EXAMPLE}handler.ts`, [
    "--workers=1",
    `--authorize=${EXAMPLE}authorize.ts`,
  ]);
  const url = await clientUrl(process);
  using refused = await RawClient.dial({ port: Number(new URL(url).port) });

  await refused.say(UPGRADE_REQUEST);
  await using client = await TestClient.connect(
    `${url}/?token=${await makeToken("alice")}`,
  );

  assertMatch(text(await refused.hearAll()), /^HTTP\/1\.1 401 /);
  assertEquals(await client.hear(), "hello alice");
});
