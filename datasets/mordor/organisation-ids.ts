const LONGEST = 63;

/**
 * An id for each DNS domain that may name a member of a consortium (lower-case letters, digits and hyphens, the first
 * one no hyphen, at most 63): the first label, for example `theshire` of theshire.local. Where that is the id of another
 * domain too, both take their next label with it (`corp-local` and `corp-example`); where no label is left, a number.
 * The order of the domains makes no difference.
 */
export function organisationIds(domains: Iterable<string>): Map<string, string> {
  const labels = new Map([...domains].toSorted().map((domain) => [domain, domain.split('.')]));
  const used = new Map([...labels.keys()].map((domain) => [domain, 1]));
  const idOf = (domain: string): string => legal((labels.get(domain) ?? []).slice(0, used.get(domain)));
  for (;;) {
    const byId = Map.groupBy(labels.keys(), idOf);
    const growing = [...byId.values()]
      .filter((same) => same.length > 1)
      .flat()
      .filter((domain) => (used.get(domain) ?? 0) < (labels.get(domain)?.length ?? 0));
    if (growing.length === 0) break;
    for (const domain of growing) used.set(domain, (used.get(domain) ?? 0) + 1);
  }
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  for (const domain of labels.keys()) {
    const id = free(idOf(domain), taken);
    taken.add(id);
    ids.set(domain, id);
  }
  return ids;
}

function legal(labels: readonly string[]): string {
  const text = labels
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+/, '');
  return text.slice(0, LONGEST) || 'domain';
}

function free(id: string, taken: ReadonlySet<string>): string {
  let candidate = id;
  for (let n = 2; taken.has(candidate); n++) candidate = `${id.slice(0, LONGEST - 1 - `${n}`.length)}-${n}`;
  return candidate;
}
