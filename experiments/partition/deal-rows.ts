import { RowList } from '../../participant/train/rows.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { CordonError } from '../../protocol/errors.ts';
import { type Dealing, deal } from './deal.ts';

const KINDS = ['familiar', 'novel', 'corrupted', 'incidents'] as const;

/** What a row's label is: the organisation that it comes from, or the kind of row. */
export type RowLabel = 'organisation' | 'kind';

/**
 * The training rows of all organisations, dealt out to them anew; thresholds and test events stay where they are. By
 * `organisation` every kind of row is dealt by itself, so that each member keeps a mix of kinds.
 * @throws CordonError as `deal`; DATA_INSUFFICIENT where a member has nothing benign to train on
 */
export function dealRows(
  sites: ReadonlyMap<string, SiteData>,
  dealing: Dealing,
  by: RowLabel,
  seed: number | string,
): Map<string, SiteData> {
  const members = [...sites.keys()];
  const dealt = new Map(members.map((member) => [member, emptyRows(sites.get(member))]));
  const rows = KINDS.flatMap((kind) =>
    [...sites].flatMap(([organisation, site]) =>
      Array.from({ length: site[kind].length }, (_, i) => ({ kind, organisation, row: site[kind].row(i) })),
    ),
  );
  const groups = by === 'kind' ? [rows] : KINDS.map((kind) => rows.filter((row) => row.kind === kind));
  groups.forEach((those, i) => {
    if (those.length === 0) return;
    const labels = those.map(({ kind, organisation }) => (by === 'kind' ? kind : organisation));
    const order = deal(dealing, labels, members.length, by === 'kind' ? seed : `${seed}/${KINDS[i] ?? ''}`);
    those.forEach(({ kind, row }, j) => dealt.get(members[order[j] ?? 0] ?? '')?.[kind].add(row));
  });
  return new Map(
    [...sites].map(([member, site]) => {
      const own = dealt.get(member);
      if (own === undefined || own.familiar.length + own.novel.length === 0) throw nothingBenign(member);
      return [member, { ...site, ...own }];
    }),
  );
}

function emptyRows(site: SiteData | undefined): Record<(typeof KINDS)[number], RowList> {
  const list = () => new RowList(site?.novel.width ?? 1);
  return { familiar: list(), novel: list(), corrupted: list(), incidents: list() };
}

function nothingBenign(member: string): CordonError {
  return new CordonError('DATA_INSUFFICIENT', {
    expected: `benign rows to train on at ${member}`,
    got: 'none were dealt to it',
    next: 'choose a larger alpha, more labels each, or by: organisation',
  });
}
