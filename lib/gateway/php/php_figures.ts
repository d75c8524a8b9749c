/** What passed between a gateway and nodes of the original; see `GatewayReport.php`. */
export class PhpFigures {
  /** Workers that are linked. */
  workers = 0;
  /** Other connections: programs, and workers that ask. */
  programs = 0;
  /** Events that workers were handed, which say nothing of what became of them. */
  handed = 0;
  /** Of these, such as were handed over shortly before their worker was gone. */
  lost = 0;
}
