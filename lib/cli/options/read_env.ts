/** The names of all variables, if this process may see them all. */
export function readEnvNames(): string[] {
  const permission = Deno.permissions.querySync({ name: "env" });
  return permission.state === "granted" ? Object.keys(Deno.env.toObject()) : [];
}

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
