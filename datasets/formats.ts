import { cicFlows } from './cic-flows/format.ts';
import { cordonJsonl } from './cordon-jsonl/format.ts';
import { evtx } from './evtx/format.ts';
import type { Format, Head } from './format.ts';
import { lanlAuth } from './lanl-auth/format.ts';
import { lanlDns } from './lanl-dns/format.ts';
import { lanlFlows, lanlNetflow } from './lanl-flows/format.ts';
import { lanlProc } from './lanl-proc/format.ts';
import { lanlRedteam } from './lanl-redteam/format.ts';
import { lanlWls } from './lanl-wls/format.ts';
import { ocsfJson } from './ocsf-json/format.ts';
import { optcEcar } from './optc-ecar/format.ts';
import { optcRedteam } from './optc-redteam/format.ts';
import { unswNb15 } from './unsw-nb15/format.ts';
import { windowsJson } from './windows-json/format.ts';
import { zeekJson, zeekTsv } from './zeek/format.ts';

/** Every format that Cordon reads. A new format is a folder and a line here. */
export const FORMATS: readonly Format[] = [
  cordonJsonl,
  windowsJson,
  evtx,
  ocsfJson,
  optcEcar,
  optcRedteam,
  zeekTsv,
  zeekJson,
  lanlAuth,
  lanlRedteam,
  lanlProc,
  lanlFlows,
  lanlDns,
  lanlWls,
  lanlNetflow,
  cicFlows,
  unswNb15,
];

/** The one of `formats` that recognises most of the head's lines, or null. */
export function recogniseFormat(head: Head, formats: readonly Format[] = FORMATS): Format | null {
  let best: Format | null = null;
  let bestScore = 0;
  for (const format of formats) {
    const score = format.recognise(head);
    if (score > bestScore) {
      best = format;
      bestScore = score;
    }
  }
  return best;
}
