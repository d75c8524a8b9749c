/**
 * Certificates for 127.0.0.1, ::1 and localhost that nobody but the tests believes,
 * with keys that protect nothing.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { parseAddress } from "../../../lib/base/address.ts";

/** A certificate, and the key that belongs to it. */
export interface Certificate {
  readonly lanCert: string;
  readonly lanKey: string;
}

/** The authority of a cluster. */
export const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIUWeo64LLcSRHVRd/IWP6m1rHEzLowCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRY2x1c3RlciBhdXRob3JpdHkwIBcNMjYxMTIyMTEyMDI2WhgP
MjEyNjEwMjkxMTIwMjZaMBwxGjAYBgNVBAMMEWNsdXN0ZXIgYXV0aG9yaXR5MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERQSfv2P/HALwYZiLNdpvqCL5To152fDw
4O+t6CAwFZq7CpT7ZIzi8H+riNLapPhfk/uQtNK0fiWqMn/BXWa+j6NTMFEwHQYD
VR0OBBYEFAz9e25vqJqhAf+mpftCb1Xklcz/MB8GA1UdIwQYMBaAFAz9e25vqJqh
Af+mpftCb1Xklcz/MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
HafdLgxgPlZ6Badvp2rSSD3IOLs85oy7fuRxSskjmgUCIQCXlmDSAV8i0qTCvpFW
zlBl/6m/7shAT4w/NXcBtOvvLA==
-----END CERTIFICATE-----
`;

/** A node's certificate, signed by the authority. */
export const NODE: Certificate = {
  lanCert: `-----BEGIN CERTIFICATE-----
MIIBqzCCAVCgAwIBAgIUOgyoIaWbs1R0D9DoIO5rd2asi1kwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRY2x1c3RlciBhdXRob3JpdHkwIBcNMjYxMTIyMTEyMDI2WhgP
MjEyNjEwMjkxMTIwMjZaMA8xDTALBgNVBAMMBG5vZGUwWTATBgcqhkjOPQIBBggq
hkjOPQMBBwNCAARDZzRL1b8pVJoEIeKOL4MkdSzy3a0gRNA1dAE4dkp+HIYX8DPB
5Rt9qVaqfJ+uqAfNAC3+8L8o7scyrJ0g9BYko3sweTAsBgNVHREEJTAjhwR/AAAB
hxAAAAAAAAAAAAAAAAAAAAABgglsb2NhbGhvc3QwCQYDVR0TBAIwADAdBgNVHQ4E
FgQUK75OQiY0GIxKhZ55QwkHw+YPVyMwHwYDVR0jBBgwFoAUDP17bm+omqEB/6al
+0JvVeSVzP8wCgYIKoZIzj0EAwIDSQAwRgIhAL8UaI8xMAFNGFnUqx1oBNGs/Zdc
70JXDTYSMKYT0SeVAiEAhosdWlUjhWAxOnZZ+en6Pzsmd2/b5FxkcyZAZuLwzVM=
-----END CERTIFICATE-----
`,
  lanKey: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggoD3I/+hCqXEvE80
H2nDYRp+gFImnZLuhZgrc6Ab29ehRANCAARDZzRL1b8pVJoEIeKOL4MkdSzy3a0g
RNA1dAE4dkp+HIYX8DPB5Rt9qVaqfJ+uqAfNAC3+8L8o7scyrJ0g9BYk
-----END PRIVATE KEY-----
`,
};

/** What follows it, signed by the same authority. */
export const NEXT_NODE: Certificate = {
  lanCert: `-----BEGIN CERTIFICATE-----
MIIBsDCCAVWgAwIBAgIUOgyoIaWbs1R0D9DoIO5rd2asi1owCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRY2x1c3RlciBhdXRob3JpdHkwIBcNMjYxMTIyMTEyMDI2WhgP
MjEyNjEwMjkxMTIwMjZaMBQxEjAQBgNVBAMMCW5leHQgbm9kZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABBWBHC6TbVqirQPY1yzLSfNsDZea+Ri2wYyJNUsoorSW
1/yhYCMsMeXHx9wAUMyscdYXv+/UZmzOjp0FZBwT39ujezB5MCwGA1UdEQQlMCOH
BH8AAAGHEAAAAAAAAAAAAAAAAAAAAAGCCWxvY2FsaG9zdDAJBgNVHRMEAjAAMB0G
A1UdDgQWBBR3Ug9CkQytCYCG1FfFj+twxL1f2zAfBgNVHSMEGDAWgBQM/Xtub6ia
oQH/pqX7Qm9V5JXM/zAKBggqhkjOPQQDAgNJADBGAiEA9F5mt85sAXL0lr1bPP7A
1fTIIfYAtHhL9oJ8o0ztk0cCIQDPa7uCKjEzhXW43TILt1m8u0bH4GbaCOo7Oizz
MUeIfw==
-----END CERTIFICATE-----
`,
  lanKey: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguoyVWJ6VGUCstIx7
XfMAtpeSb73Kb/WagLJ0cqCuM9qhRANCAAQVgRwuk21aoq0D2Ncsy0nzbA2XmvkY
tsGMiTVLKKK0ltf8oWAjLDHlx8fcAFDMrHHWF7/v1GZszo6dBWQcE9/b
-----END PRIVATE KEY-----
`,
};

/** A certificate signed by an authority that the cluster does not know. */
export const STRANGER: Certificate = {
  lanCert: `-----BEGIN CERTIFICATE-----
MIIBrjCCAVSgAwIBAgIUN8MhI3nD2z/LiP5ejHp56uKzal4wCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRc3RyYW5nZSBhdXRob3JpdHkwIBcNMjYxMTIyMTEyMDI2WhgP
MjEyNjEwMjkxMTIwMjZaMBMxETAPBgNVBAMMCHN0cmFuZ2VyMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAEDKVz03xBDnQcckyZFMVN30PBNBOqwLXAV6agi3bQIFg9
hHnAUk7un9ss0sw/pPwn7EgsxsnliIYdp1e7bh7PLqN7MHkwLAYDVR0RBCUwI4cE
fwAAAYcQAAAAAAAAAAAAAAAAAAAAAYIJbG9jYWxob3N0MAkGA1UdEwQCMAAwHQYD
VR0OBBYEFDQhs2K9pSAkIjb4xMCBIJCkwIlAMB8GA1UdIwQYMBaAFByiI4kwhf9H
UTIbGxWQzueoVgEbMAoGCCqGSM49BAMCA0gAMEUCIQCRZyN7ktVb9OMpyoM417M3
pG4DNfCG7qzb0WTmDvzTDQIgOtlt25XZe/1D5GqInQvGn4X4mc3WAEiyprl4MVtD
kTQ=
-----END CERTIFICATE-----
`,
  lanKey: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyft08l860qQp0l+2
DeGgO/EOTj08XTLdnso+ny57cmihRANCAAQMpXPTfEEOdBxyTJkUxU3fQ8E0E6rA
tcBXpqCLdtAgWD2EecBSTu6f2yzSzD+k/CfsSCzGyeWIhh2nV7tuHs8u
-----END PRIVATE KEY-----
`,
};

/** The authority that the cluster does not know. */
export const STRANGE_AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBjjCCATWgAwIBAgIUYsPC6H1CcPUbhBff2d7simlpGKcwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRc3RyYW5nZSBhdXRob3JpdHkwIBcNMjYxMTIyMTEyMDI2WhgP
MjEyNjEwMjkxMTIwMjZaMBwxGjAYBgNVBAMMEXN0cmFuZ2UgYXV0aG9yaXR5MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJNW84I0EIbx1ASIHAGF/OqCcMN1nkJOa
IneGUI+9G57Lm6STVRUqlQkBVpFFbtZB85rGmxoitBxObhj/d0Cs4KNTMFEwHQYD
VR0OBBYEFByiI4kwhf9HUTIbGxWQzueoVgEbMB8GA1UdIwQYMBaAFByiI4kwhf9H
UTIbGxWQzueoVgEbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIg
C2A1QeOqzYPOoPXXjjZoUSWZPdVwvoXeZb6r70MBK7MCIDFlSGIDwrU8VqdxWHMj
CTqHdZR17+JbIxRY+VvQMIVB
-----END CERTIFICATE-----
`;

/** Returns the number of a certificate. */
export function serialOf({ lanCert }: Certificate): string {
  return new X509Certificate(lanCert).serialNumber;
}

/** Returns the number of the certificate that a node shows. */
export async function serialAt(address: string): Promise<string> {
  const { hostname: host, port } = parseAddress(address);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({
    host,
    port,
    ca: AUTHORITY,
    cert: NODE.lanCert,
    key: NODE.lanKey,
  });
  const gone = new Promise((resolve) => socket.once("close", resolve));
  socket.once("error", reject);
  socket.once("secureConnect", () => {
    const { raw } = socket.getPeerCertificate();
    resolve(new X509Certificate(raw).serialNumber);
  });
  try {
    return await promise;
  } finally {
    socket.destroy();
    await gone;
  }
}
