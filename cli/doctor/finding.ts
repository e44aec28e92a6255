/** What one look at one thing found. */
export interface Finding {
  readonly level: "good" | "warning" | "fault";
  /** The thing, and how it is. */
  readonly text: string;
  /** What to do about it; absent where there is nothing to do. */
  readonly mend?: string;
}

export const good = (text: string): Finding => ({ level: "good", text });
export const warning = (text: string, mend: string): Finding => ({ level: "warning", text, mend });
export const fault = (text: string, mend: string): Finding => ({ level: "fault", text, mend });
