import { findEntry, loadEntry, publicCatalogue } from '../../datasets/catalogue/catalogue.ts';
import { pull, wanted, type PullProgress } from '../../datasets/catalogue/pull.ts';
import type { CatalogueEntry } from '../../datasets/catalogue/schema.ts';
import { plainText } from '../../protocol/messages/text.ts';
import { terminalColumns } from '../fit.ts';
import { type JsonOption, print } from '../output.ts';
import { Progress } from '../progress.ts';
import { table } from '../table.ts';

export interface ListArguments extends JsonOption {
  readonly catalogue?: readonly string[];
}

export interface PullArguments extends ListArguments {
  readonly out: string;
  readonly mirror?: string;
  readonly only?: readonly string[];
  readonly dryRun?: true;
}

/** The public entries, and those of the given files, which come first where ids are the same. */
async function catalogueOf({ catalogue = [] }: ListArguments): Promise<CatalogueEntry[]> {
  const own = await Promise.all(catalogue.map(loadEntry));
  const known = new Set(own.map(({ id }) => id));
  return [...own, ...(await publicCatalogue()).filter(({ id }) => !known.has(id))];
}

export async function datasetsList(id: string | undefined, options: ListArguments): Promise<void> {
  const catalogue = await catalogueOf(options);
  if (id === undefined) {
    const entries = catalogue.map((entry) => summary(entry));
    print(options.json === true, { datasets: entries }, () => listText(entries));
    return;
  }
  const entry = findEntry(catalogue, id);
  print(options.json === true, entry, () => entryText(entry));
}

export async function datasetsPull(id: string, options: PullArguments): Promise<void> {
  const entry = findEntry(await catalogueOf(options), id);
  const mirror = options.mirror ?? process.env['CORDON_DATASETS_MIRROR'] ?? null;
  const only = options.only ?? [];
  if (options.dryRun === true) {
    const files = wanted(entry, only);
    print(options.json === true, { id, files }, () => [...terms(entry), '', filesText(files)].join('\n'));
    return;
  }
  const progress = new Progress();
  const files = await pull(entry, { out: options.out, mirror: mirror === '' ? null : mirror, only }, (now) =>
    progress.say(progressText(now)),
  ).finally(() => progress.end());
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const unverified = files.filter(({ verified }) => !verified).length;
  print(options.json === true, { id, out: options.out, bytes, unverified, files }, () =>
    [
      ...terms(entry),
      '',
      `${files.length} files, ${size(bytes)}, in ${options.out}/${id}: ${count(files, 'download')} downloaded, ` +
        `${count(files, 'mirror')} from the mirror, ${count(files, 'present')} were there`,
      unverified === 0
        ? 'Every file has the SHA-256 that the catalogue gives.'
        : `${unverified} of them have no published checksum to compare with; this is what came:\n` +
          files
            .filter(({ verified }) => !verified)
            .map(({ sha256, path }) => `${sha256}  ${path}`)
            .join('\n'),
    ].join('\n'),
  );
}

function summary(entry: CatalogueEntry) {
  const { id, title, licence, access, formats, home, files } = entry;
  const bytes = files.some((file) => file.bytes === null)
    ? null
    : files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  return { id, title, licence, access, formats, home, files: files.length, bytes };
}

function listText(entries: readonly ReturnType<typeof summary>[]): string {
  return [
    table(
      ['id', 'files', 'size', 'from', 'what it is'],
      entries.map(({ id, files, bytes, access, title }) => [
        id,
        String(files),
        bytes === null ? '?' : size(bytes),
        access === 'direct' ? 'download' : 'ask publisher',
        plainText(title),
      ]),
      terminalColumns(process.stdout),
    ),
    '',
    'cordon datasets ls ID shows terms and files, cordon datasets pull ID brings them.',
  ].join('\n');
}

function terms({ title, publisher, home, licence, cite, note }: CatalogueEntry): string[] {
  return [
    plainText(title),
    `  publisher  ${plainText(publisher)}`,
    `  page       ${plainText(home)}`,
    `  licence    ${plainText(licence)}`,
    `  cite       ${plainText(cite)}`,
    ...(note === '' ? [] : [`  note       ${plainText(note)}`]),
  ];
}

function entryText(entry: CatalogueEntry): string {
  return [...terms(entry), `  formats    ${entry.formats.join(', ')}`, '', filesText(entry.files)].join('\n');
}

/** Enough of a digest to know a file by; the whole one would not fit beside the path. */
const DIGITS = 16;

function filesText(files: CatalogueEntry['files']): string {
  return table(
    ['file', 'size', `SHA-256, first ${DIGITS} digits`],
    files.map(({ path, bytes, sha256 }) => [
      path,
      bytes === null ? '?' : size(bytes),
      sha256?.slice(0, DIGITS) ?? 'not published',
    ]),
    terminalColumns(process.stdout),
  );
}

/** The same words for every file: a log hears of it every few seconds only. */
function progressText({ files, of, bytes, allBytes }: PullProgress): string {
  const megabytes = (value: number): string => (value / 1e6).toFixed(1);
  const all = allBytes === null ? '' : ` of ${megabytes(allBytes)}`;
  return `Pulling file ${files + 1}/${of}, ${megabytes(bytes)}${all} MB`;
}

function count(files: readonly { readonly from: string }[], from: string): number {
  return files.filter((file) => file.from === from).length;
}

function size(bytes: number): string {
  const unit = bytes >= 1e9 ? ['GB', 1e9] : bytes >= 1e6 ? ['MB', 1e6] : ['kB', 1e3];
  return `${(bytes / Number(unit[1])).toFixed(1)} ${unit[0]}`;
}
