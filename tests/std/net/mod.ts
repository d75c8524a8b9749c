/**
 * A stand-in for `jsr:@std/net`, so that tests run where the registry of
 * `jsr:` cannot be reached. It has the calls that we make, and behaves as the
 * real package does.
 *
 * @module
 */

export * from "./get_available_port.ts";
export * from "./get_network_address.ts";
