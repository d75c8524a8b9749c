import { assertEquals } from "@std/assert";

Deno.test("a handler is tested without any permission", async () => {
  const script = new URL("_without_permissions.ts", import.meta.url);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", script.pathname],
  }).output();

  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(new TextDecoder().decode(stdout), "echo hello\n");
  assertEquals(code, 0);
});
