import { AUTHORITY, NODE } from "../../integration/security/_certificates.ts";

/** Files with what a server shows over TLS. */
export interface CertificateFiles {
  /** Its certificate, in PEM: a key on the curve P-256. */
  readonly cert: string;
  /** The private key of that. */
  readonly key: string;
  /** The authority that signed it. */
  readonly authority: string;
}

/** What clients believe: the authority of all servers under load. */
export const SERVER_AUTHORITY: string = AUTHORITY;

let written: Promise<CertificateFiles> | undefined;

/** Writes the certificate that all servers under load show, once for a process. */
export function certificateFiles(): Promise<CertificateFiles> {
  return written ??= write();
}

/** A key of the tests' that protects nothing; its folder goes with the bench. */
async function write(): Promise<CertificateFiles> {
  const folder = await Deno.makeTempDir({ prefix: "gatewayworker-bench-tls-" });
  addEventListener(
    "unload",
    () => Deno.removeSync(folder, { recursive: true }),
  );
  const files = {
    cert: `${folder}/cert.pem`,
    key: `${folder}/key.pem`,
    authority: `${folder}/authority.pem`,
  };
  await Deno.writeTextFile(files.cert, NODE.lanCert);
  await Deno.writeTextFile(files.key, NODE.lanKey);
  await Deno.writeTextFile(files.authority, AUTHORITY);
  return files;
}
