import { assertEquals, assertStrictEquals } from "@std/assert";
import { withPermissionHint } from "../../../../lib/cli/run/permission_hint.ts";

function hint(message: string): string {
  const hinted = withPermissionHint(new TypeError(message), "/srv/handler.ts");
  return (hinted as Error).message;
}

Deno.test("withPermissionHint() says that the handler's folder is to be read, if what is missing lies in it", () => {
  assertEquals(
    hint(
      'Cannot load handler "x": Requires read access to "/srv/lib/a.ts", run again with the --allow-read flag\n    at file:///srv/handler.ts:1:19',
    ),
    'Cannot load handler "x": requires read access to "/srv/lib/a.ts" (add --allow-read=/srv to --worker-permissions)\n    at file:///srv/handler.ts:1:19',
  );
});

Deno.test("withPermissionHint() names what else is missing", () => {
  assertEquals(
    hint(
      'Requires net access to "db:5432", run again with the --allow-net flag',
    ),
    'Cannot start handler "/srv/handler.ts": requires net access to "db:5432" (add --allow-net=db:5432 to --worker-permissions)',
  );
});

Deno.test("withPermissionHint() leaves other errors alone", () => {
  const error = new TypeError("Cannot load handler: no");

  assertStrictEquals(withPermissionHint(error, "/srv/handler.ts"), error);
});
