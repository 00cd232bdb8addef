import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createFile } from '../../crypto/identity/durable-file.ts';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { hashObject } from '../../crypto/public/hash-object.ts';
import { checkVector } from '../../models/detection/model.ts';
import { bytesToFloat32, float32ToBytes, modelHash } from '../../models/detection/model-hash.ts';
import { modelWith } from '../../models/detection/models.ts';
import { check } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { ModelVersion, versionOf } from './model-version.ts';

/** Ending of model files; docs/guides/models.md says what one holds. */
export const MODEL_SUFFIX = '.cordon';

/** First line of every model file of this version. */
const FIRST_LINE = 'cordon model 1\n';
/** Weights begin at a multiple of so many bytes, so that they can be mapped into memory. */
const ALIGNMENT = 64;
/** Header of a run of 100,000 rounds with ten contributors each, none like the one before, and more. */
const MOST_HEADER = 32 * 1024 * 1024;

/** A version with its weights, flat, as its architecture lays them out. */
export interface Model {
  readonly version: ModelVersion;
  readonly weights: Float32Array;
}

/** Whole or not at all, on disk before it returns. @throws CordonError VALUE_OUT_OF_RANGE for a lineage too long to be kept */
export async function writeModel(path: string, { version, weights }: Model): Promise<void> {
  const json = Buffer.from(JSON.stringify(version));
  if (json.length > MOST_HEADER) {
    throw new CordonError('VALUE_OUT_OF_RANGE', {
      expected: `a lineage of at most ${MOST_HEADER} bytes`,
      got: `${json.length}`,
      next: "the weights stand in model.f32; the coordinator's log says who contributed",
    });
  }
  const used = FIRST_LINE.length + json.length + 1;
  const padding = ' '.repeat(Math.ceil(used / ALIGNMENT) * ALIGNMENT - used);
  const file = await createFile(dirname(path));
  try {
    await file.write(Buffer.concat([Buffer.from(FIRST_LINE), json, Buffer.from(`${padding}\n`)]));
    await file.write(float32ToBytes(weights));
    await file.seal(path, true);
  } finally {
    await file.discard();
  }
}

/** Whether a file begins as a model file does, of whatever version. */
export async function isModelFile(path: string): Promise<boolean> {
  try {
    await using file = await open(path, 'r');
    if (!(await file.stat()).isFile()) return false;
    const head = Buffer.alloc('cordon model '.length);
    await file.read(head, 0, head.length, 0);
    return head.toString('latin1') === 'cordon model ';
  } catch {
    return false;
  }
}

/**
 * What a model file says of itself, without its weights: its id is compared with its facts, its length with its sizes.
 * @throws CordonError ENCODING_INVALID where it is damaged, cut or none; DATA_NOT_FOUND
 */
export async function readVersion(path: string): Promise<ModelVersion> {
  return (await withFile(path, (file) => readHead(path, file))).version;
}

/**
 * A model file whole, every byte of it covered by a hash.
 * @throws CordonError as `readVersion`; MODEL_MISMATCH where the weights are not those of the header, NOT_FINITE
 */
export async function readModel(path: string): Promise<Model> {
  return withFile(path, async (file) => {
    const { version, weightsAt } = await readHead(path, file);
    const { architecture, parameters } = version;
    const bytes = Buffer.alloc(4 * parameters);
    await readFully(file, bytes, weightsAt);
    const weights = bytesToFloat32(bytes);
    const hash = modelHash(nodePrimitives.sha256, architecture, weights);
    if (hash !== version.modelHash) {
      throw new CordonError('MODEL_MISMATCH', {
        expected: `weights of model ${version.modelHash} in ${path}`,
        got: hash,
        next: 'the file was changed or damaged: take it again from where it comes from',
      });
    }
    checkVector(modelWith(architecture), weights, `weights in ${path}`);
    return { version, weights };
  });
}

async function withFile<T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    await using file = await open(path, 'r');
    return await read(file);
  } catch (error) {
    throw toCordonError(error);
  }
}

async function readHead(
  path: string,
  file: FileHandle,
): Promise<{ version: ModelVersion; weightsAt: number }> {
  const { size } = await file.stat();
  const { line, end } = await headerLine(path, file, size);
  const version = parseVersion(path, line);
  const { id, ...facts } = version;
  const { architecture, parameters } = version;
  const known = versionOf(nodePrimitives, facts).id;
  if (known !== id) throw invalid(path, `a header with the id ${known}`, id);
  const { origin } = version;
  const taskHash = hashObject(nodePrimitives, 'cordon/v1/task', origin.task);
  if (taskHash !== origin.taskHash) throw invalid(path, `a task with hash ${taskHash}`, origin.taskHash);
  const count = lengthOf(path, architecture);
  if (count !== parameters) throw invalid(path, `${count} parameters`, `${parameters}`);
  if (size !== end + 4 * parameters) throw invalid(path, `${end + 4 * parameters} bytes`, `${size}`);
  return { version, weightsAt: end };
}

/** Values in the weight vector. */
function lengthOf(path: string, architecture: ModelVersion['architecture']): number {
  try {
    return modelWith(architecture).length;
  } catch (error) {
    const { expected, got } = toCordonError(error);
    throw invalid(path, expected, got);
  }
}

/** The second line, of which no more is read than a header may have. */
async function headerLine(
  path: string,
  file: FileHandle,
  size: number,
): Promise<{ line: string; end: number }> {
  const most = Math.min(size, FIRST_LINE.length + MOST_HEADER + ALIGNMENT);
  const first = Buffer.alloc(Math.min(most, FIRST_LINE.length));
  await readFully(file, first, 0);
  if (first.toString('latin1') !== FIRST_LINE) {
    throw invalid(path, `a file that begins with "${FIRST_LINE.trim()}"`, 'another beginning');
  }
  const parts: Buffer[] = [];
  for (let at = FIRST_LINE.length; at < most;) {
    const part = Buffer.alloc(Math.min(64 * 1024, most - at));
    await readFully(file, part, at);
    const end = part.indexOf(0x0a);
    if (end >= 0) {
      parts.push(part.subarray(0, end));
      return { line: Buffer.concat(parts).toString('utf8'), end: at + end + 1 };
    }
    parts.push(part);
    at += part.length;
  }
  throw invalid(path, 'a header on the second line', 'none that ends');
}

function parseVersion(path: string, line: string): ModelVersion {
  try {
    return check(ModelVersion, JSON.parse(line), 'header of a model');
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(path, 'a header in JSON', 'something else');
    const { expected, got } = toCordonError(error);
    throw invalid(path, expected, got);
  }
}

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let at = 0; at < into.length;) {
    const { bytesRead } = await file.read(into, at, into.length - at, position + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
}

function invalid(path: string, expected: string, got: string): CordonError {
  return new CordonError('ENCODING_INVALID', {
    expected: `${expected} in the model file ${path}`,
    got,
    next: 'take the file again from where it comes from; cordon model ls shows those that a folder has',
  });
}
