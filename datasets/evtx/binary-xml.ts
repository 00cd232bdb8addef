import { Cursor, Damaged } from './bytes.ts';
import type { RawValue } from './values.ts';
import { fullBudget, Node, type Budget, type Element, type Instance, type Piece } from './xml-node.ts';

const MAX_DEPTH = 32;
/** What the templates of a chunk may add up to: many times what genuine ones do. */
const MAX_TEMPLATE_BYTES = 1 << 20;
const MAX_NAME = 256;

const END = 0x00;
const CLOSE_START = 0x02;
const CLOSE_EMPTY = 0x03;
const CLOSE = 0x04;
const ATTRIBUTE = 0x06;
const TEMPLATE = 0x0c;
const FRAGMENT = 0x0f;
const MORE = 0x40;

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * The binary XML of one chunk of an event log (MS-EVEN6 2.2.12; libevtx, "Windows XML Event Log format"). A template
 * is parsed once a chunk; values stay bytes until they are asked for. What points outside its record or chunk, nests
 * too deep or repeats itself beyond reason is `Damaged`.
 */
export class BinaryXml {
  readonly #chunk: Buffer;
  /** By offset; null while one is parsed. */
  readonly #templates = new Map<number, Element | null>();
  #templateBytes = 0;

  constructor(chunk: Buffer) {
    this.#chunk = chunk;
  }

  /**
   * The root element of a record's XML.
   * @throws Damaged
   */
  read(start: number, end: number): Node {
    const cursor = new Cursor(this.#chunk, start, end);
    return this.#fragment(cursor, 0, fullBudget());
  }

  #fragment(cursor: Cursor, depth: number, budget: Budget): Node {
    const found = this.#content(cursor, depth, false).find(
      (item): item is Element | Instance => typeof item !== 'string' && !('value' in item),
    );
    if (found === undefined) throw new Damaged('binary XML without an element');
    const instance = 'template' in found ? found : { template: found, values: [] };
    return new Node(this.#chunk, instance.template, instance.values, budget, (value) =>
      this.#fragment(new Cursor(this.#chunk, value.start, value.end), depth + 1, budget),
    );
  }

  /** Content up to the end of the element, of the fragment or of the stretch. */
  #content(cursor: Cursor, depth: number, inTemplate: boolean): (Piece | Element | Instance)[] {
    if (depth > MAX_DEPTH) throw new Damaged('binary XML that nests too deep');
    const content: (Piece | Element | Instance)[] = [];
    while (cursor.at < cursor.end) {
      const token = cursor.u8();
      switch (token) {
        case END:
        case CLOSE:
          return content;
        case FRAGMENT:
          cursor.take(3);
          break;
        case 0x01:
        case 0x01 | MORE:
          content.push(this.#element(cursor, depth, inTemplate, token !== 0x01));
          break;
        case TEMPLATE:
          content.push(this.#instance(cursor, depth));
          break;
        case 0x0a:
          this.#name(cursor);
          break;
        case 0x0b:
          cursor.utf16(cursor.u16());
          break;
        default:
          content.push(this.#piece(cursor, token));
      }
    }
    return content;
  }

  #element(cursor: Cursor, depth: number, inTemplate: boolean, hasAttributes: boolean): Element {
    // A dependency identifier stands in templates only.
    if (inTemplate) cursor.take(2);
    cursor.take(4);
    const name = this.#name(cursor);
    const attributes = new Map<string, Piece[]>();
    if (hasAttributes) cursor.take(4);
    let pieces: Piece[] | null = null;
    for (;;) {
      const token = cursor.u8();
      if (token === CLOSE_EMPTY) return { name, attributes, content: [] };
      if (token === CLOSE_START) break;
      if ((token & ~MORE) === ATTRIBUTE) {
        pieces = [];
        attributes.set(this.#name(cursor), pieces);
      } else if (pieces === null) throw new Damaged('a value where an attribute should begin');
      else pieces.push(this.#piece(cursor, token));
    }
    return { name, attributes, content: this.#content(cursor, depth + 1, inTemplate) };
  }

  #piece(cursor: Cursor, token: number): Piece {
    switch (token & ~MORE) {
      case 0x05:
        if (cursor.u8() !== 0x01) throw new Damaged('a text that is no string');
        return cursor.utf16(cursor.u16());
      case 0x07:
        return cursor.utf16(cursor.u16());
      case 0x08:
        return String.fromCharCode(cursor.u16());
      case 0x09: {
        const name = this.#name(cursor);
        return ENTITIES[name] ?? `&${name};`;
      }
      case 0x0d:
      case 0x0e: {
        const value = cursor.u16();
        cursor.take(1);
        return { value };
      }
      default:
        throw new Damaged(`the unknown token ${token}`);
    }
  }

  /** A name lies where it is first used, and later uses point there. */
  #name(cursor: Cursor): string {
    const offset = cursor.u32();
    const inline = offset === cursor.at;
    const at = inline ? cursor : new Cursor(this.#chunk, offset, this.#chunk.length);
    at.take(6);
    const length = at.u16();
    if (length > MAX_NAME) throw new Damaged(`a name of ${length} characters`);
    const name = at.utf16(length);
    at.take(2);
    return name;
  }

  /** Like a name, a template lies where it is first used. */
  #instance(cursor: Cursor, depth: number): Instance {
    cursor.take(5);
    const offset = cursor.u32();
    const template = this.#template(offset, depth);
    if (offset === cursor.at) {
      cursor.take(20);
      cursor.take(cursor.u32());
    }
    const count = cursor.u32();
    const descriptors = new Cursor(this.#chunk, cursor.take(4 * count), cursor.at);
    const values: RawValue[] = [];
    for (let i = 0; i < count; i++) {
      const size = descriptors.u16();
      const type = descriptors.u16() & 0xff;
      const start = cursor.take(size);
      values.push({ type, start, end: start + size });
    }
    return { template, values };
  }

  #template(offset: number, depth: number): Element {
    const known = this.#templates.get(offset);
    if (known === null) throw new Damaged('a template that holds itself');
    if (known !== undefined) return known;
    this.#templates.set(offset, null);
    try {
      const cursor = new Cursor(this.#chunk, offset, this.#chunk.length);
      cursor.take(20);
      const size = cursor.u32();
      const body = new Cursor(this.#chunk, cursor.take(size), cursor.at);
      this.#templateBytes += size;
      if (this.#templateBytes > MAX_TEMPLATE_BYTES) throw new Damaged('templates that overlap beyond reason');
      const element = this.#content(body, depth + 1, true).find(
        (item): item is Element => typeof item !== 'string' && 'name' in item,
      );
      if (element === undefined) throw new Damaged('a template without an element');
      this.#templates.set(offset, element);
      return element;
    } finally {
      if (this.#templates.get(offset) === null) this.#templates.delete(offset);
    }
  }
}
