import { Damaged } from './bytes.ts';
import { BINARY_XML, valueText, type RawValue } from './values.ts';

/** Text, or the place of one of the record's values. */
export type Piece = string | { readonly value: number };

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, readonly Piece[]>;
  readonly content: readonly (Piece | Element | Instance)[];
}

/** A template and the values that this record puts in. */
export interface Instance {
  readonly template: Element;
  readonly values: readonly RawValue[];
}

/** What one record may make the reader visit and decode: many times what genuine ones need. */
const MAX_ELEMENTS = 10_000;
const MAX_VALUE_BYTES = 1 << 20;

/** What a record may still make the reader do. */
export interface Budget {
  elements: number;
  valueBytes: number;
}

/** What a new record may make the reader do. */
export function fullBudget(): Budget {
  return { elements: MAX_ELEMENTS, valueBytes: MAX_VALUE_BYTES };
}

/** An element of a record's XML with the record's values in their places. */
export class Node {
  readonly #chunk: Buffer;
  readonly #element: Element;
  readonly #values: readonly RawValue[];
  readonly #budget: Budget;
  readonly #open: (value: RawValue) => Node;

  constructor(
    chunk: Buffer,
    element: Element,
    values: readonly RawValue[],
    budget: Budget,
    open: (value: RawValue) => Node,
  ) {
    if (--budget.elements < 0) throw new Damaged('binary XML that repeats itself beyond reason');
    this.#chunk = chunk;
    this.#element = element;
    this.#values = values;
    this.#budget = budget;
    this.#open = open;
  }

  get name(): string {
    return this.#element.name;
  }

  attribute(name: string): string {
    return this.#text(this.#element.attributes.get(name) ?? []);
  }

  /** All text directly inside. */
  text(): string {
    return this.#text(
      this.#element.content.filter((item): item is Piece => typeof item === 'string' || 'value' in item),
    );
  }

  /** Child elements in order; values that are binary XML are opened. */
  *children(): Generator<Node> {
    for (const item of this.#element.content) {
      if (typeof item === 'string') continue;
      if ('name' in item) yield new Node(this.#chunk, item, this.#values, this.#budget, this.#open);
      else if ('template' in item)
        yield new Node(this.#chunk, item.template, item.values, this.#budget, this.#open);
      else {
        const value = this.#values[item.value];
        if (value !== undefined && value.type === BINARY_XML && value.end > value.start)
          yield this.#open(value);
      }
    }
  }

  #text(pieces: readonly Piece[]): string {
    let text = '';
    for (const piece of pieces) {
      if (typeof piece === 'string') text += piece;
      else {
        const value = this.#values[piece.value];
        if (value === undefined || value.type === BINARY_XML) continue;
        this.#budget.valueBytes -= value.end - value.start;
        if (this.#budget.valueBytes < 0) throw new Damaged('binary XML that repeats itself beyond reason');
        text += valueText(this.#chunk, value);
      }
    }
    return text;
  }
}
