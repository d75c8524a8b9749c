/** What passes between a gateway and nodes of the original. */
export interface PhpReport {
  /** Workers that are linked. */
  readonly workers: number;
  /** Other connections: programs, and workers that ask. */
  readonly programs: number;
  /**
   * Events that workers were handed since the start. They count as acknowledged, since
   * nothing more is ever known of them.
   */
  readonly handed: number;
  /** Of these, such as were handed within two seconds before their worker was gone. */
  readonly lost: number;
}
