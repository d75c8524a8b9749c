import { readText } from "./read_text.ts";

/** How every part of PEM begins. */
const BEGIN = "-----BEGIN ";

/** Whether an option is PEM itself, and not the path of a file. */
export function isPem(text: string): boolean {
  return text.startsWith(BEGIN);
}

/**
 * Takes PEM as it is, and everything else for the path of a file with it.
 *
 * @returns The PEM.
 * @throws {TypeError} If the file cannot be read, or holds none.
 */
export async function readPem(text: string): Promise<string> {
  if (isPem(text)) return text;
  const pem = await readText("certificate or key", text);
  if (pem.includes(BEGIN)) return pem;
  throw new TypeError(
    `Cannot use certificate or key file "${text}" as it must be PEM: it holds no "${BEGIN.trim()}"`,
  );
}
