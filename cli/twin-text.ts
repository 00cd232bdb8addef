import type { Details, Neighbour, Overview } from '../participant/twin/overview.ts';
import type { TwinAccount, TwinHost } from '../participant/twin/views.ts';
import { plainText } from '../protocol/messages/text.ts';
import { when } from './moment.ts';
import { table } from './table.ts';

/** Longest name in a table; names come from logs. */
const LONGEST = 48;

/**
 * Counts, roles, the busiest and the newest of a twin, as tables of a terminal.
 * @param columns of the terminal, to which tables are cut; the same below
 */
export function overviewText(
  { sizes, hostRoles, accountRoles, ...found }: Overview,
  columns = Infinity,
): string {
  const { forgotten } = sizes;
  const span =
    sizes.first === null || sizes.last === null ? '' : `, ${when(sizes.first)} to ${when(sizes.last)}`;
  return [
    `${sizes.events} events (${sizes.authentications} requests for access)${span}`,
    `${sizes.hosts} hosts, ${sizes.accounts} accounts; ${sizes.accountEdges} uses of accounts at hosts, ` +
      `${sizes.hostEdges} pairs by authentication, ${sizes.networkEdges} over the network`,
    ...(forgotten.hosts + forgotten.accounts + forgotten.others + forgotten.edges > 0
      ? [
          `forgotten at the limits: ${forgotten.hosts} hosts, ${forgotten.accounts} accounts, ` +
            `${forgotten.others} of others, ${forgotten.edges} edges`,
        ]
      : []),
    '',
    table(['role of hosts', 'hosts'], counts(hostRoles), columns),
    '',
    table(['role of accounts', 'accounts'], counts(accountRoles), columns),
    '',
    table(
      ['busiest hosts', 'events', 'role', 'because'],
      found.busiest.map((one) => [
        name(one.name),
        String(one.events),
        one.role,
        plainText(one.evidence[0] ?? ''),
      ]),
      columns,
    ),
    '',
    table(
      ['newest hosts', 'since', 'role'],
      found.newestHosts.map((one) => [name(one.name), when(one.first), one.role]),
      columns,
    ),
    '',
    'newest pairs',
    edges(found.newestEdges, columns),
  ].join('\n');
}

/** One host with its programs, accounts and neighbours, the first of each. */
export function hostText({ node, uses, from, to }: Details<TwinHost, string>, columns = Infinity): string {
  const images = node.images.toSorted(([, a], [, b]) => b - a).slice(0, 10);
  return [
    ...head(node),
    ...(images.length > 0
      ? [
          '',
          table(
            ['programs', 'starts'],
            images.map(([file, count]) => [name(file), String(count)]),
            columns,
          ),
        ]
      : []),
    ...list('accounts used at it', uses, columns),
    ...list('hosts that came', from, columns),
    ...list('hosts that it went to', to, columns),
  ].join('\n');
}

/** One account with the hosts where it was used. */
export function accountText({ node, uses }: Details<TwinAccount, string>, columns = Infinity): string {
  return [...head(node), ...list('used at', uses, columns)].join('\n');
}

function head(
  node: (TwinHost | TwinAccount) & { readonly role: string; readonly evidence: readonly string[] },
): string[] {
  return [
    `${name(node.name)}: ${node.role}`,
    ...node.evidence.map((text) => `  ${plainText(text)}`),
    `  ${node.events} events, ${when(node.first)} to ${when(node.last)}`,
  ];
}

function list(title: string, rows: readonly Neighbour[], columns: number): string[] {
  return rows.length === 0 ? [] : ['', `${title} (${rows.length} busiest)`, edges(rows, columns)];
}

function edges(rows: readonly Neighbour[], columns: number): string {
  return table(
    ['from', 'to', 'first', 'last', 'events', 'failed', 'how'],
    rows.map((one) => [
      name(one.from),
      name(one.to),
      when(one.first),
      when(one.last),
      String(one.events),
      String(one.failures),
      [...Object.keys(one.protocols), ...one.logonTypes].filter((text) => text !== 'Unknown').join(' '),
    ]),
    columns,
  );
}

function counts(roles: Readonly<Record<string, number>>): string[][] {
  return Object.entries(roles).map(([role, count]) => [role, String(count)]);
}

function name(text: string): string {
  return plainText(text, LONGEST);
}
