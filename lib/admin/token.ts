/**
 * Says why a token can never be in the header of a request as it is; `undefined` if
 * it can. Does not repeat the token.
 */
export function whyNotToken(token: string): string | undefined {
  if (token === "") return "it is empty";
  if (/^\s+$/.test(token)) return "it is nothing but white space";
  if (/\s$/.test(token)) return "it ends with white space, or a line break";
  if (/\s/.test(token)) return "it has white space in it";
  return /^[\x21-\x7e]+$/.test(token)
    ? undefined
    : "it has other than visible ASCII characters in it";
}
