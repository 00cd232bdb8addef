import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../test/shared-data.ts';
import { FORMATS, recogniseFormat } from './formats.ts';
import { peek } from './input/head.ts';
import { openParts } from './input/parts.ts';

/** What each genuine file is; the first pattern that its path matches counts, null is for what is not for a format here. */
const EXPECTED: readonly (readonly [path: RegExp, format: string | null])[] = [
  [/^formats\/lanl2015_auth/, 'lanl-auth'],
  [/^formats\/lanl2015_redteam/, 'lanl-redteam'],
  [/^formats\/(?:windows_security|winlogbeat)/, 'windows-json'],
  [/^formats\/optc_ecar_process/, 'optc-ecar'],
  [/^formats\/optc_redteam/, 'optc-redteam'],
  [/^formats\/lanl2017_wls/, 'lanl-wls'],
  [/^formats\/unsw_nb15/, 'unsw-nb15'],
  [/^formats\/zeek_(?:conn\.log\.labeled|lsass01_)/, 'zeek-tsv'],
  [/^formats\/zeek_/, 'zeek-json'],
  [/^telemetry\/lanl2015\/auth_/, 'lanl-auth'],
  [/^telemetry\/lanl2015\/redteam/, 'lanl-redteam'],
  [/^telemetry\/optc\/optc-labels\/admin\.zip/, 'optc-ecar'],
  [/^telemetry\/optc\/optc_redteam/, 'optc-redteam'],
  [/^telemetry\/zeek\/.*\.labeled$/, 'zeek-tsv'],
  [/^telemetry\/zeek\//, 'zeek-json'],
  [/^telemetry\/apt29\//, 'zeek-json'],
  [/^telemetry\/mordor\/compound\/apt29\/.*zeek/, 'zeek-json'],
  [/^telemetry\/mordor\/.*_zeek_logs\.zip/, 'zeek-tsv'],
  // Packet captures.
  [/^telemetry\/mordor\/.*\/network\//, null],
  [/^telemetry\/mordor\/.*\.zip/, 'windows-json'],
  [/^telemetry\/evtx\/.*\.evtx$/, 'evtx'],
];

const root = sharedData('formats') === null ? null : (sharedData('') ?? '');
const files =
  root === null
    ? []
    : ['formats', 'telemetry'].flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(root.length)),
      );

describe.skipIf(root === null)(
  'each genuine file is recognised as what it is, by one format alone (needs shared data)',
  () => {
    const known = files
      .toSorted()
      .map((path) => [path, EXPECTED.find(([pattern]) => pattern.test(path))?.[1] ?? null] as const)
      .filter(([, format]) => format !== null);

    it('finds files of every format that is expected', () => {
      const found = new Set(known.map(([, format]) => format));
      const expected = EXPECTED.map(([, format]) => format).filter((format) => format !== null);
      expect(found).toEqual(new Set(expected));
    });

    it.each(known)('%s: %s', async (path, format) => {
      const seen = new Map<string, string[]>();
      for await (const part of openParts(join(root ?? '', path))) {
        const { head, chunks } = await peek(part.chunks());
        await chunks.return(undefined);
        const sure = FORMATS.filter((each) => each.recognise(head) >= 0.5).map(({ name }) => name);
        seen.set(part.label, sure);
        expect(recogniseFormat(head)?.name, part.label).toBe(format);
      }
      expect(seen.size).toBeGreaterThan(0);
      for (const [label, sure] of seen) expect(sure, label).toEqual([format]);
    });
  },
);
