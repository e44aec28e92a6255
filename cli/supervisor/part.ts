/** Something that was opened and must be closed, in the reverse order. */
export interface Part {
  readonly name: string;
  readonly close: () => Promise<void>;
  /** Ends its process this instant. */
  readonly kill?: () => void;
}
