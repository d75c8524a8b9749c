/**
 * Whether it is sure that there is no such file. Who may not look is not sure, and
 * nobody is asked whether this process may.
 */
export function isMissing(path: string): boolean {
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") {
    return false;
  }
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    // Whatever else is wrong with it, reading it will tell better.
    return error instanceof Deno.errors.NotFound;
  }
}
