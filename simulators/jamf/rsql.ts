/** Filters of the Jamf Pro API: RSQL (a superset of FIQL), as Jamf documents it in "Filtering with RSQL". */
export type RsqlOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "=in=" | "=out=";

export type RsqlFilter =
  | {
      readonly kind: "comparison";
      readonly field: string;
      readonly operator: RsqlOperator;
      readonly values: readonly string[];
    }
  | { readonly kind: "and" | "or"; readonly parts: readonly RsqlFilter[] };

export type RsqlParse =
  | { readonly kind: "filter"; readonly filter: RsqlFilter }
  | { readonly kind: "malformed"; readonly position: number; readonly expected: string }
  /** A bare value with a parenthesis: the real server answers 500 (jamf-cli#246). */
  | { readonly kind: "parenthesisInBareValue" };

type Failure = Exclude<RsqlParse, { kind: "filter" }>;

class Refusal extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}

const OPERATORS: Readonly<Record<string, RsqlOperator>> = {
  "==": "==",
  "!=": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  "=in=": "=in=",
  "=out=": "=out=",
  "=lt=": "<",
  "=le=": "<=",
  "=gt=": ">",
  "=ge=": ">=",
};
const OPERATOR = /==|!=|<=|>=|<|>|=[a-z]+=/y;
/** Characters that RSQL reserves cannot stand in a name or in a bare value. */
const BARE = /[^"'();,=!~<>\s]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y;
const AND = /\s*;\s*|\s+and(?=[\s(])\s*/iy;
const OR = /\s*,\s*|\s+or(?=[\s(])\s*/iy;
const SPACE = /\s*/y;

/** Reads a whole filter; `and` and `;` bind tighter than `or` and `,`. */
export function parseRsql(text: string): RsqlParse {
  const reader = new RsqlReader(text);
  try {
    const filter = reader.alternatives();
    reader.end();
    return { kind: "filter", filter };
  } catch (error) {
    if (error instanceof Refusal) return error.failure;
    throw error;
  }
}

/** Recursive descent over one text; each method reads its part or refuses. */
class RsqlReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  alternatives(): RsqlFilter {
    return this.#chain("or", OR, () => this.#chain("and", AND, () => this.#constraint()));
  }

  end(): void {
    this.#take(SPACE);
    if (this.#position < this.#text.length) this.#refuse("and, or or the end of the filter");
  }

  #chain(kind: "and" | "or", separator: RegExp, part: () => RsqlFilter): RsqlFilter {
    const parts = [part()];
    while (this.#take(separator) !== undefined) parts.push(part());
    return parts.length === 1 ? parts[0]! : { kind, parts };
  }

  #constraint(): RsqlFilter {
    this.#take(SPACE);
    if (this.#skip("(")) {
      const inner = this.alternatives();
      this.#take(SPACE);
      if (!this.#skip(")")) this.#refuse("a closing parenthesis");
      return inner;
    }
    const field = this.#take(BARE)?.[0] ?? this.#refuse("a field");
    this.#take(SPACE);
    const operator = OPERATORS[this.#take(OPERATOR)?.[0] ?? ""] ?? this.#refuse("an operator");
    this.#take(SPACE);
    const many = operator === "=in=" || operator === "=out=";
    return { kind: "comparison", field, operator, values: many ? this.#list() : [this.#value()] };
  }

  #list(): readonly string[] {
    if (!this.#skip("(")) this.#refuse("a list in parentheses");
    const values: string[] = [];
    do {
      this.#take(SPACE);
      values.push(this.#value());
      this.#take(SPACE);
    } while (this.#skip(","));
    if (!this.#skip(")")) this.#refuse("a closing parenthesis");
    return values;
  }

  #value(): string {
    const quoted = this.#take(QUOTED);
    if (quoted !== undefined) return (quoted[1] ?? quoted[2] ?? "").replace(/\\(.)/gs, "$1");
    const bare = this.#take(BARE)?.[0] ?? this.#refuse("a value");
    const next = this.#text.slice(this.#position).trimStart();
    if (next.startsWith("(")) throw new Refusal({ kind: "parenthesisInBareValue" });
    return bare;
  }

  #skip(character: string): boolean {
    const found = this.#text[this.#position] === character;
    if (found) this.#position += 1;
    return found;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern.source, pattern.flags);
    sticky.lastIndex = this.#position;
    const match = sticky.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#position = sticky.lastIndex;
    return match;
  }

  #refuse(expected: string): never {
    throw new Refusal({ kind: "malformed", position: this.#position, expected });
  }
}
