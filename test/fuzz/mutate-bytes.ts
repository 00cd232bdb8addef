import { pseudoRandom } from '../pseudo-random.ts';

/** Whole numbers below `limit`, the same for the same seed. */
export class Dice {
  readonly #numbers: Uint32Array;
  #at = 0;

  constructor(seed: number) {
    // The first numbers of neighbouring seeds are alike.
    this.#numbers = pseudoRandom(264, 2 ** 31, BigInt(seed) * 0x9e3779b97f4a7c15n).subarray(8);
  }

  below(limit: number): number {
    const number = this.#numbers[this.#at++ % this.#numbers.length] ?? 0;
    return number % Math.max(1, limit);
  }

  of<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new Error('a list with nothing in it');
    return picked;
  }
}

/** A change to the bytes of a file; `other` is a file of any format. */
type Change = (bytes: Buffer, dice: Dice, other: Buffer) => Buffer;

const LF = 0x0a;
/** Words that a reader may take for something of its own. */
const KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'toJSON', 'length', ''];
const NUMBERS =
  '1e400 -1e400 1e308 -0 -1 0 5e-324 99999999999999999999 1E1000000 0x10 NaN Infinity 1.5'.split(' ');
const TEXTS = [
  '\u001b[2J\u001b]0;x\u0007',
  '\\u001b[31m',
  '\\ud800',
  '\\u0000',
  '\r',
  '\u0085\u2028',
  '\u202e',
  '%s%n',
  '../../../../x',
  '"',
  '\\',
];
const SEPARATORS = [',', '\t', ' ', ':', ';', '|', '{', '[', '"', '\n'];

function at(bytes: Buffer, dice: Dice): number {
  return dice.below(bytes.length + 1);
}

function put(bytes: Buffer, from: number, to: number, what: Buffer | string): Buffer {
  return Buffer.concat([bytes.subarray(0, from), Buffer.from(what), bytes.subarray(to)]);
}

/** Replaces the `pick`th match in a stretch of the text, where there is one; latin1 keeps every byte as it is. */
function replaced(bytes: Buffer, dice: Dice, pattern: RegExp, by: string): Buffer {
  const text = bytes.toString('latin1');
  const matches = [...text.slice(0, 20_000).matchAll(pattern)];
  if (matches.length === 0) return bytes;
  const { index, 0: found } = dice.of(matches);
  return Buffer.from(text.slice(0, index) + by + text.slice(index + found.length), 'latin1');
}

function lines(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(LF, from);
    const to = end < 0 ? bytes.length : end + 1;
    found.push(bytes.subarray(from, to));
    from = to;
  }
  return found;
}

/** Every kind of damage, by name. `size` scales what is huge. */
export function changes(size: number): Record<string, Change> {
  return {
    'flipped bits': (bytes, dice) => {
      const copy = Buffer.from(bytes);
      for (let i = dice.below(20); i >= 0; i--) {
        const place = dice.below(copy.length);
        copy[place] = (copy[place] ?? 0) ^ (1 << dice.below(8));
      }
      return copy;
    },
    'other bytes': (bytes, dice) => {
      const copy = Buffer.from(bytes);
      for (let i = dice.below(20); i >= 0; i--) copy[dice.below(copy.length)] = dice.below(256);
      return copy;
    },
    'cut off': (bytes, dice) => bytes.subarray(0, at(bytes, dice)),
    'without its beginning': (bytes, dice) => bytes.subarray(dice.below(Math.min(bytes.length, 2000))),
    'a piece left out': (bytes, dice) => {
      const from = at(bytes, dice);
      return put(bytes, from, Math.min(bytes.length, from + dice.below(300)), '');
    },
    'a piece twice': (bytes, dice) => {
      const from = at(bytes, dice);
      return put(bytes, from, from, bytes.subarray(from, from + dice.below(3000)));
    },
    'a piece of another file': (bytes, dice, other) => {
      const from = at(other, dice);
      const place = at(bytes, dice);
      return put(bytes, place, place, other.subarray(from, from + dice.below(3000)));
    },
    'lines twice': (bytes, dice) => {
      const all = lines(bytes);
      const line = dice.of(all);
      return Buffer.concat([...all, ...Array.from({ length: 1 + dice.below(50) }, () => line)]);
    },
    'lines in another order': (bytes, dice) => {
      const all = lines(bytes);
      const turn = dice.below(all.length);
      const turned = [...all.slice(turn), ...all.slice(0, turn)];
      return Buffer.concat(dice.below(2) === 0 ? turned : turned.toReversed());
    },
    'a huge line': (bytes, dice) => {
      const place = at(bytes, dice);
      return put(bytes, place, place, Buffer.alloc(size, dice.of(['a', ' ', '0', '\u0000', '"', '\\'])));
    },
    'many columns': (bytes, dice) => {
      const place = at(bytes, dice);
      return put(bytes, place, place, dice.of(SEPARATORS).repeat(size));
    },
    'deep nesting': (bytes, dice) => {
      const [open, close] = dice.of([
        ['[', ']'],
        ['{"a":', '}'],
        ['{"__proto__":', '}'],
        ['<a>', '</a>'],
      ] as const);
      const depth = Math.floor(size / 10);
      const end = dice.below(2) === 0 ? close.repeat(depth) : '';
      return replaced(bytes, dice, /(?<=[:,\t ])[^,:\t\n{}[\]]+/g, `${open.repeat(depth)}1${end}`);
    },
    'a key': (bytes, dice) => replaced(bytes, dice, /(?<=")\w+(?="\s*:)/g, dice.of(KEYS)),
    'a value': (bytes, dice) =>
      replaced(bytes, dice, /(?<=[:,\t ]"?)[^,:\t\n"{}[\]]+/g, dice.of([...KEYS, ...TEXTS])),
    'a number': (bytes, dice) => replaced(bytes, dice, /\d+(\.\d+)?/g, dice.of(NUMBERS)),
    'a long name': (bytes, dice) => replaced(bytes, dice, /[A-Za-z][\w.-]{2,}/g, 'n'.repeat(size)),
    'not text': (bytes, dice) => {
      const place = at(bytes, dice);
      return put(
        bytes,
        place,
        place,
        Buffer.from(dice.of(['00', 'ff', 'c0af', 'eda080', 'f8888080']), 'hex'),
      );
    },
    'other line ends': (bytes, dice) =>
      Buffer.from(bytes.toString('latin1').replaceAll('\n', dice.of(['\r\n', '\r', '\n\n', '\0'])), 'latin1'),
    'another encoding': (bytes, dice) => {
      const wide = Buffer.from(`\uFEFF${bytes.toString('utf8')}`, dice.below(2) === 0 ? 'utf16le' : 'utf8');
      return dice.below(2) === 0 ? wide : Buffer.concat([wide, bytes]);
    },
  };
}

/** One file, damaged in one to three ways that follow from the seed; `how` names them. */
export function damaged(
  bytes: Buffer,
  other: Buffer,
  seed: number,
  size: number,
): { readonly bytes: Buffer; readonly how: string } {
  const dice = new Dice(seed);
  const kinds = Object.entries(changes(size));
  const names: string[] = [];
  let now = bytes;
  for (let i = dice.of([0, 0, 0, 1, 2]); i >= 0 && now.length > 0; i--) {
    const [name, change] = dice.of(kinds);
    names.push(name);
    now = change(now, dice, other);
  }
  return { bytes: now, how: names.join(', then ') };
}
