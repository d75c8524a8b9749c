/** No bytes at all: one for everybody, since nobody can change it. */
export const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(0);
