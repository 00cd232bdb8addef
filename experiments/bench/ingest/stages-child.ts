/** The stages of reading a log, in a process of their own: `stages-child.ts LOG`, started by the bench. */
import { openParts } from '../../../datasets/input/parts.ts';
import { LineSplitter } from '../../../datasets/input/lines.ts';
import { readDataset } from '../../../datasets/open.ts';
import { FeatureExtractor } from '../../../participant/features/extractor.ts';
import { TwinGraph } from '../../../participant/twin/twin-graph.ts';
import { serveCases } from '../child-cases.ts';
import type { OwnCase } from '../measure.ts';
import { ParsedColumns } from './parsed-columns.ts';
import { wholeChain } from './whole-chain.ts';

const path = process.argv[2] ?? '';
const columns = await ParsedColumns.read(path);
const per = columns.length;

async function chunks(take: (chunk: Buffer) => void): Promise<void> {
  for await (const part of openParts(path)) for await (const chunk of part.chunks()) take(chunk);
}

/** @throws Error unless as many came as there are: a stage that leaves something out is no faster */
function mustBeAll(got: number, what: string): void {
  if (got !== per) throw new Error(`${what}: ${got} events instead of ${per}`);
}

async function gunzip(): Promise<void> {
  let bytes = 0;
  await chunks((chunk) => (bytes += chunk.length));
  if (bytes < per) throw new Error(`gunzip: ${bytes} bytes of ${per} events`);
}

async function lines(): Promise<void> {
  let count = 0;
  const splitter = new LineSplitter(
    () => count++,
    () => undefined,
    2 ** 24,
  );
  await chunks((chunk) => splitter.write(chunk));
  splitter.end();
  mustBeAll(count, 'lines');
}

async function parse(): Promise<void> {
  let count = 0;
  for await (const batch of readDataset(path)) count += batch.length;
  mustBeAll(count, 'parse');
}

function columnsAlone(): void {
  let failures = 0;
  for (const { success } of columns.events()) if (!success) failures++;
  if (failures > per) throw new Error('more failures than events');
}

function features(): void {
  const extractor = new FeatureExtractor();
  for (const event of columns.events()) extractor.push(event);
}

function twin(): void {
  const graph = new TwinGraph();
  for (const event of columns.events()) graph.apply(event);
  mustBeAll(graph.sizes().events, 'twin');
}

async function lanl(): Promise<void> {
  const extractor = new FeatureExtractor();
  let count = 0;
  for await (const batch of readDataset(path)) {
    for (const event of batch) if (event.type === 'auth') extractor.push(event);
    count += batch.length;
  }
  mustBeAll(count, 'lanl_gz');
}

const stage = (name: string, note: string, run: () => unknown): OwnCase => ({
  name,
  clock: 'cpu',
  per,
  note,
  run,
});

serveCases({
  cases: [
    stage('features.events_per_s', 'from parsed columns, an event object each, to features', features),
    stage('lanl_gz.events_per_s', 'from the compressed log to features', lanl),
    stage('all.events_per_s', 'from the compressed log through merge, names, twin and features', async () =>
      mustBeAll(await wholeChain(path), 'all'),
    ),
    stage('parse.events_per_s', 'from the compressed log to events', parse),
    stage('twin.events_per_s', 'from parsed columns to the twin', twin),
    stage('columns.events_per_s', 'parsed columns to event objects: part of features and twin', columnsAlone),
    stage('lines.events_per_s', 'decompressed and divided into lines', lines),
    stage('gunzip.events_per_s', 'decompressed', gunzip),
  ],
  rows: [],
});
