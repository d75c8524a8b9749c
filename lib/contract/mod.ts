/**
 * What clients and handlers say to each other, written down once as an object of
 * schemas, of which both have their types and by which payloads are checked.
 *
 * @module
 */
export { CallError } from "../client/call_error.ts";
export { Contract, contract } from "./contract.ts";
export { ContractError } from "./contract_error.ts";
export { typed } from "./typed.ts";
export type {
  Answered,
  Arguments,
  CallSchemas,
  CallTable,
  EventTable,
  Given,
  OnWire,
  Returned,
  Taken,
} from "./contract.ts";
export type { ContractIssue } from "./contract_error.ts";
export type {
  InputOf,
  OutputOf,
  SchemaIssue,
  SchemaResult,
  StandardSchema,
} from "./standard_schema.ts";
export type {
  AnswerFaces,
  CallFaces,
  ListenFaces,
  TypedClient,
  TypedOptions,
  TypedSocket,
} from "./typed.ts";
export type { Answerer, Ask, RequestOptions } from "../client/calls.ts";
