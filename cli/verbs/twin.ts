import { createFile } from '../../crypto/identity/durable-file.ts';
import { readDataset } from '../../datasets/open.ts';
import { checkpointTwin, LIVE_FOLDER } from '../../participant/live/checkpoint.ts';
import { graphml, twinJson } from '../../participant/twin/export.ts';
import { nearestNodes } from '../../participant/twin/nearest.ts';
import { findTwin, readTwin, writeTwin } from '../../participant/twin/twin-file.ts';
import { TwinGraph } from '../../participant/twin/twin-graph.ts';
import { accountDetails, hostDetails, overview } from '../../participant/twin/overview.ts';
import { CordonError } from '../../protocol/errors.ts';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { terminalColumns } from '../fit.ts';
import { type JsonOption, print } from '../output.ts';
import { Progress } from '../progress.ts';
import { accountText, hostText, overviewText } from '../twin-text.ts';
import { usageError } from '../usage.ts';

interface TwinSource extends JsonOption {
  readonly timeZone?: string;
}

export interface TwinShowArguments extends TwinSource {
  readonly host?: string;
  readonly account?: string;
}

export interface TwinExportArguments extends TwinSource {
  readonly out: string;
  readonly format: string;
}

/** Counts, roles, the busiest and the newest of a twin, or all about one host or account. */
export async function twinShow(path: string, options: TwinShowArguments): Promise<void> {
  if (options.host !== undefined && options.account !== undefined) {
    throw usageError('--host and --account at once');
  }
  const twin = await load(path, options);
  const json = options.json === true;
  const columns = terminalColumns(process.stdout);
  if (options.host !== undefined) {
    const details = hostDetails(twin, options.host.toLowerCase());
    if (details === null) throw unknown(twin, 'host', options.host, path);
    print(json, details, () => hostText(details, columns));
  } else if (options.account !== undefined) {
    const details = accountDetails(twin, options.account.toLowerCase());
    if (details === null) throw unknown(twin, 'account', options.account, path);
    print(json, details, () => accountText(details, columns));
  } else {
    const found = overview(twin);
    print(json, found, () => overviewText(found, columns));
  }
}

/** Writes the whole twin as one file, which must not be there yet. */
export async function twinExport(path: string, options: TwinExportArguments): Promise<void> {
  const { format } = options;
  if (format !== 'json' && format !== 'graphml' && format !== 'snapshot') {
    throw usageError(`--format ${format}: none of json, graphml, snapshot`);
  }
  const out = resolve(options.out);
  if ((await stat(out).catch(() => null)) !== null) {
    throw new CordonError('OUTPUT_EXISTS', {
      expected: 'a file that is not there yet',
      got: out,
      next: 'name another file, or remove this one',
    });
  }
  const twin = await load(path, options);
  if (format === 'snapshot') await writeTwin(out, twin);
  else await writePieces(out, format === 'json' ? twinJson(twin) : graphml(twin));
  const { size } = await stat(out);
  print(
    options.json === true,
    { file: out, format, bytes: size, sizes: twin.sizes() },
    () => `${options.out}: ${size.toLocaleString('en-US')} bytes`,
  );
}

const PIECE = 1 << 18;

/** A file of many pieces, whole or not at all. */
async function writePieces(path: string, pieces: Iterable<string>): Promise<void> {
  const file = await createFile(dirname(path));
  try {
    let text = '';
    for (const piece of pieces) {
      text += piece;
      if (text.length < PIECE) continue;
      await file.write(Buffer.from(text, 'utf8'));
      text = '';
    }
    await file.write(Buffer.from(text, 'utf8'));
    await file.seal(path, true);
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** A snapshot, the one of a state folder, or logs, from which a twin is then made. */
async function load(path: string, { timeZone }: TwinSource): Promise<TwinGraph> {
  const snapshot = await findTwin(path);
  if (snapshot !== null) return readTwin(snapshot);
  const live = await checkpointTwin(join(path, LIVE_FOLDER));
  if (live !== null) return TwinGraph.restore(live);
  const progress = new Progress();
  const twin = new TwinGraph();
  const reading = readDataset(path, timeZone === undefined ? {} : { timeZone });
  try {
    for await (const events of reading) {
      for (const event of events) twin.apply(event);
      progress.say(`Reading logs: ${reading.stats.records.toLocaleString('en-US')} records`);
    }
  } finally {
    progress.end();
  }
  return twin;
}

function unknown(twin: TwinGraph, kind: 'host' | 'account', name: string, path: string): CordonError {
  const near = nearestNodes(twin, kind, name);
  const hint = near.length === 0 ? '' : `did you mean ${near.join(' or ')}? `;
  return new CordonError('NOT_FOUND', {
    expected: `a ${kind} that the twin of ${path} knows`,
    got: name,
    next: `${hint}write it as the logs do: hosts with their domain where they have one, accounts as account@domain`,
  });
}
