/** One thing that is wrong with a payload. */
export interface ContractIssue {
  /** Where it is in the payload: keys and indexes, from the outside in. */
  readonly path: readonly (string | number)[];
  /** What is wrong, in the words of the schema. */
  readonly message: string;
}

/** A payload is not what the contract says. */
export class ContractError extends Error {
  /** The code that the other side is told: always `mismatch`. */
  readonly code = "mismatch";
  /** What the other side is told beside it. */
  readonly data: { readonly issues: readonly ContractIssue[] };

  /**
   * Says what is wrong with a payload.
   *
   * @param subject What does not match, such as `data of call "say"`.
   * @param issues What is wrong with it.
   */
  constructor(subject: string, issues: readonly ContractIssue[]) {
    const [first] = issues;
    const where = first && first.path.length > 0
      ? ` at ${first.path.join(".")}`
      : "";
    super(
      `Cannot take ${subject} as it must match the contract${where}: ${
        first?.message ?? "no reason given"
      }`,
    );
    this.name = "ContractError";
    this.data = { issues };
  }

  /** What is wrong, 10 things at most. */
  get issues(): readonly ContractIssue[] {
    return this.data.issues;
  }
}
