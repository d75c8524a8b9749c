/** Strings, which stay, and what JSON does not have: comments, commas before an end. */
const TOKENS =
  /("(?:\\.|[^"\\\n])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*[}\]])/g;

/**
 * Reads JSON with comments and trailing commas, as Deno's own files may have them.
 *
 * @throws {SyntaxError} If it is something else; line breaks are where they were.
 */
export function parseJsonc(text: string): unknown {
  const json = text.replace(/^\uFEFF/, "").replaceAll(
    TOKENS,
    (token, quoted) => quoted ?? token.replaceAll(/[^\n]/g, " "),
  );
  return JSON.parse(json);
}
