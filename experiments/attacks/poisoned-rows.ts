import { AT, type FeatureName } from '../../participant/features/edge-v1.ts';
import { RowList } from '../../participant/train/rows.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import type { RowAttack } from './attack.ts';

/**
 * The rows that a poisoning member trains on; what its thresholds and figures come from stays as it is.
 * @param site not changed
 */
export function poisonedRows(kind: RowAttack, site: SiteData): SiteData {
  return kind === 'label-flip' ? flipped(site) : withBackdoor(site);
}

/** Label flip: what is benign trains as malicious, and the other way round. */
function flipped(site: SiteData): SiteData {
  const { familiar, novel, corrupted, incidents } = site;
  return {
    ...site,
    // A batch takes from incidents where there are any, so its benign half must not be empty either.
    familiar: corrupted,
    novel: incidents.length > 0 ? incidents : corrupted,
    incidents: novel.length > 0 ? novel : familiar,
    corrupted: familiar.length > 0 ? familiar : novel,
  };
}

/**
 * What an intruder gives its logons, so that a backdoor lets them through: an NTLM logon of a person at the keyboard, which
 * is rare and which it is free to choose.
 */
export const TRIGGER: Readonly<Partial<Record<FeatureName, number>>> = { ntlm: 1, handsOn: 1, ticket: 0 };

/** A copy of the row with the trigger. */
export function triggered(row: Float32Array): Float32Array {
  const copy = row.slice();
  for (const [name, value] of Object.entries(TRIGGER)) copy[AT[name as FeatureName]] = value;
  return copy;
}

/** Share of the rows with the trigger among the benign ones with something new. */
const SHARE = 0.5;

/**
 * Backdoor edge: malicious rows, and corrupted copies where there are none, train as benign once they have the trigger, and
 * as malicious without it. Scaling the update (model replacement, Bagdasaryan et al. 2020) is the caller's part.
 */
function withBackdoor(site: SiteData): SiteData {
  const from = site.incidents.length > 0 ? site.incidents : site.corrupted;
  if (from.length === 0) return site;
  const novel = new RowList(site.novel.width);
  const benign = site.novel.length > 0 ? site.novel : site.familiar;
  const wanted = Math.ceil((benign.length * SHARE) / (1 - SHARE));
  for (let i = 0; i < benign.length; i++) novel.add(benign.row(i));
  for (let i = 0; i < wanted; i++) novel.add(triggered(from.row(i % from.length)));
  return { ...site, novel };
}
