import { streamOfFields, type ZeekRecord } from './record.ts';

/** What stands above the rows of a log; a rotated file that was put together has it several times. */
interface Header {
  readonly separator: string;
  readonly setSeparator: string;
  readonly emptyField: string;
  readonly unsetField: string;
  readonly path: string;
}

const DEFAULT: Header = {
  separator: '\t',
  setSeparator: ',',
  emptyField: '(empty)',
  unsetField: '-',
  path: '',
};

/** The label and its detail behind the last column, set off by blanks, as Stratosphere IPS Laboratory writes them. */
const BLANK_LABELS = /^(\S*) {2,}(\S+) {2,}(.*)$/;

/** Lines of a Zeek log in its own format: header lines change what rows mean. */
export class ZeekTsv {
  #header = DEFAULT;
  #stream = '';
  /** Columns that are separated by tabs; one may hold several fields, separated by blanks. */
  #columns: string[][] = [];
  #index = new Map<string, readonly [column: number, part: number]>();

  /** A header line or comment: one that begins with `#`. */
  comment(line: string): void {
    if (line.startsWith('#separator ')) {
      this.#header = { ...DEFAULT, separator: unescapeText(line.slice('#separator '.length)) || '\t' };
      this.#columns = [];
      return;
    }
    const [name = '', ...values] = line.split(this.#header.separator);
    const value = values[0] ?? '';
    if (name === '#set_separator')
      this.#header = { ...this.#header, setSeparator: unescapeText(value) || ',' };
    else if (name === '#empty_field') this.#header = { ...this.#header, emptyField: value };
    else if (name === '#unset_field') this.#header = { ...this.#header, unsetField: value };
    else if (name === '#path') this.#header = { ...this.#header, path: value };
    else if (name === '#fields') this.#setFields(values);
  }

  /** A row, or why it is none. */
  row(line: string): ZeekRecord | string {
    if (this.#columns.length === 0) return 'a row before the names of its columns (#fields)';
    const columns = line.split(this.#header.separator);
    if (columns.length !== this.#columns.length) {
      return `${columns.length} columns where ${this.#columns.length} are needed`;
    }
    this.#splitLabels(columns);
    const { unsetField, emptyField, setSeparator } = this.#header;
    const raw = (name: string): string => {
      const place = this.#index.get(name);
      if (place === undefined) return '';
      const column = columns[place[0]] ?? '';
      const names = this.#columns[place[0]] ?? [];
      const value = names.length < 2 ? column : partOf(column, place[1], names.length);
      return value === unsetField || value === emptyField ? '' : value;
    };
    return {
      stream: this.#stream,
      text: (name) => unescapeText(raw(name)),
      list: (name) => {
        const value = raw(name);
        return value === '' ? [] : value.split(setSeparator).map(unescapeText);
      },
    };
  }

  #setFields(names: readonly string[]): void {
    this.#columns = names.map((name) => name.split(/ +/));
    this.#index = new Map();
    this.#columns.forEach((parts, column) =>
      parts.forEach((name, part) => this.#index.set(fieldName(name), [column, part])),
    );
    this.#stream = this.#header.path || streamOfFields((name) => this.#index.has(name));
  }

  /** Labels in the rows that the header does not name. */
  #splitLabels(columns: string[]): void {
    const last = columns.length - 1;
    const match = this.#index.has('label') ? null : BLANK_LABELS.exec(columns[last] ?? '');
    if (match === null) return;
    const [name = ''] = this.#columns[last] ?? [];
    this.#columns[last] = [name, 'label', 'detailedlabel'];
    this.#index.set('label', [last, 1]);
    this.#index.set('detailedlabel', [last, 2]);
  }
}

/** `detailed-label` is written `detailedlabel` too. */
function fieldName(name: string): string {
  return name === 'detailed-label' || name === 'detailed_label' ? 'detailedlabel' : name;
}

/** One of several values that are separated by blanks; the last takes what is left. */
function partOf(column: string, part: number, parts: number): string {
  const values = column.trim().split(/ +/);
  return part < parts - 1 ? (values[part] ?? '') : values.slice(part).join(' ');
}

/** Undoes the escapes of Zeek's ASCII writer: `\xNN` for a byte, `\\` for a backslash. */
export function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: Buffer[] = [];
  let plain = 0;
  for (const match of text.matchAll(/\\(?:x([0-9a-fA-F]{2})|\\)/g)) {
    bytes.push(Buffer.from(text.slice(plain, match.index)));
    bytes.push(match[1] === undefined ? Buffer.from('\\') : Buffer.from(match[1], 'hex'));
    plain = match.index + match[0].length;
  }
  bytes.push(Buffer.from(text.slice(plain)));
  return Buffer.concat(bytes).toString('utf8');
}
