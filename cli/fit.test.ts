import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, cutRows, fitColumns, terminalColumns } from './fit.ts';
import { table } from './table.ts';

const lengths = (text: string): number[] => text.split('\n').map(({ length }) => length);

describe('fitting a terminal', () => {
  it('is for terminals that say how wide they are', () => {
    expect(terminalColumns({ isTTY: true, columns: 80 })).toBe(80);
    expect(terminalColumns({ isTTY: true, columns: 0 })).toBe(Infinity);
    expect(terminalColumns({ isTTY: false, columns: 80 })).toBe(Infinity);
  });

  it('cuts text with an ellipsis, and no pair of surrogates in two', () => {
    expect(['', 'abcd', 'abcde', 'abcdef'].map((text) => cut(text, 5))).toEqual([
      '',
      'abcd',
      'abcde',
      'abcd…',
    ]);
    expect(cut('abc😀efg', 5)).toBe('abc…');
    expect(cut('abc😀efg', 6)).toBe('abc😀…');
    expect(cut('ab', 1)).toBe('…');
  });

  it.each<[number[], boolean[], number, number[]]>([
    [[10, 20, 5], [true, true, true], 39, [10, 20, 5]],
    [[10, 20, 5], [true, true, true], 34, [10, 15, 5]],
    [[10, 20, 5], [true, true, true], 27, [9, 9, 5]],
    [[10, 20, 5], [true, false, true], 34, [6, 20, 5]],
    [[10, 20, 5], [true, true, true], 1, [6, 6, 5]],
    [[10, 20], [true, true], Infinity, [10, 20]],
  ])('columns of %j, cut where %j, in %i: %j', (widths, mayCut, columns, fitted) => {
    expect(fitColumns(widths, mayCut, columns)).toEqual(fitted);
  });

  it('fits wherever columns of text can make room, takes no more than that, and nothing where there is room', () => {
    const column = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.boolean());
    fc.assert(
      fc.property(
        fc.array(column, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 400 }),
        (all, columns) => {
          const [widths, mayCut] = [all.map(([width]) => width), all.map(([, may]) => may)];
          const total = (list: number[]): number => list.reduce((sum, width) => sum + width + 2, -2);
          const fitted = fitColumns(widths, mayCut, columns);
          const least = total(all.map(([width, may]) => (may ? Math.min(width, 6) : width)));
          expect(total(fitted)).toBeLessThanOrEqual(Math.max(columns, least));
          expect(total(fitted)).toBeGreaterThan(Math.min(total(widths), columns) - all.length);
          fitted.forEach((width, i) => expect(width).toBeLessThanOrEqual(widths[i] ?? 0));
        },
      ),
    );
  });

  it('cuts names of a table, not its numbers and times, and nothing where it is no terminal', () => {
    const rows = [
      ['a-very-long-name-of-a-host.north.example.test', '2026-01-01 00:00:00', '123456', 'Kerberos Network'],
      ['b', 'day 3 00:00:00', '7', ''],
    ];
    const head = ['host', 'first', 'events', 'how'];
    expect(table(head, rows, 60)).toBe(
      [
        'host            first                events  how',
        '--------------  -------------------  ------  --------------',
        'a-very-long-n…  2026-01-01 00:00:00  123456  Kerberos Netw…',
        'b               day 3 00:00:00            7',
      ].join('\n'),
    );
    expect(Math.max(...lengths(table(head, rows, 50)))).toBeLessThanOrEqual(50);
    expect(table(head, rows)).toContain('a-very-long-name-of-a-host.north.example.test  2026');
  });

  it('cuts rows of lists and leaves sentences whole', () => {
    const text = [
      'Warning    a sentence that is long',
      'Hosts',
      '  12,345  host.north.example.test',
      '',
    ].join('\n');
    expect(cutRows(text, 20)).toBe(
      ['Warning    a sentence that is long', 'Hosts', '  12,345  host.nort…', ''].join('\n'),
    );
    expect(cutRows(text, Infinity)).toBe(text);
  });
});
