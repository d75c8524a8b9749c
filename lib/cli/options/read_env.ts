/**
 * Reads a variable, if this process may: without the permission, nothing is set
 * as far as it knows, and nobody is asked.
 */
export function readEnv(name: string): string | undefined {
  const permission = Deno.permissions.querySync({
    name: "env",
    variable: name,
  });
  return permission.state === "granted" ? Deno.env.get(name) : undefined;
}
