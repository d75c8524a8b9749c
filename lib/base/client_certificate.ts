import type { X509Certificate } from "node:crypto";

/** The certificate that a client has shown, of an authority that was asked for. */
export interface ClientCertificate {
  /** Whom it is for: the `CN` of its subject; empty if there is none. */
  readonly commonName: string;
  /** All of its subject, a part a line, such as `CN=sensor 7`. */
  readonly subject: string;
  /** Its other names, such as `DNS:sensor-7.example.com, URI:urn:sensor:7`. */
  readonly subjectAltName: string;
  /** SHA-256 of it, in hex with colons. */
  readonly fingerprint: string;
}

/** Says what there is to know of a certificate. */
export function clientCertificateOf(shown: X509Certificate): ClientCertificate {
  const { subject, subjectAltName = "", fingerprint256: fingerprint } = shown;
  const [, commonName = ""] = /^CN=(.*)$/m.exec(subject) ?? [];
  return { commonName, subject, subjectAltName, fingerprint };
}

/** Reads one that another node tells; `undefined` if it is none. */
export function toClientCertificate(
  told: unknown,
): ClientCertificate | undefined {
  if (typeof told !== "object" || told === null) return undefined;
  const fields = told as Record<string, unknown>;
  const text = (name: keyof ClientCertificate) => {
    const value = fields[name];
    return typeof value === "string" ? value : "";
  };
  return {
    commonName: text("commonName"),
    subject: text("subject"),
    subjectAltName: text("subjectAltName"),
    fingerprint: text("fingerprint"),
  };
}
