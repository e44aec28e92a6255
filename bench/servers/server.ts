/** A server under measurement: its processes are counted apart from Postgres'. */
export interface Server {
  readonly name: string;
  /** UDP, on 127.0.0.1. */
  readonly port: number;
  readonly pid: number;
  /** Ends it as an operator would. */
  stop(): Promise<void>;
}
