import type { ScoredRows } from './rows.ts';
import type { SiteData } from './site-data.ts';

/**
 * A site's data as they are now, in rows of their first `width` columns: no later event changes the samples. What is scored
 * is copied when it is asked for, and only where rows are narrower: few ask, and most of the rows are there.
 */
export function siteMoment(site: SiteData, width: number): SiteData {
  const { familiar, novel, corrupted, incidents, validationShare, events, scored } = site;
  return {
    familiar: familiar.copy(width),
    novel: novel.copy(width),
    corrupted: corrupted.copy(width),
    incidents: incidents.copy(width),
    get validation() {
      return narrow(site.validation, width);
    },
    validationShare,
    get evaluation() {
      return narrow(site.evaluation, width);
    },
    events,
    scored,
  };
}

function narrow(rows: ScoredRows, width: number): ScoredRows {
  const { list, events } = rows;
  return list.width === width ? rows : { list: list.copy(width), events: [...events] };
}
