import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { CordonError } from '../../../protocol/errors.ts';
import { hashOf } from '../hash.ts';
import { invalid } from '../invalid.ts';
import type { ExperimentFile } from '../schema.ts';

/** A program of somebody's own that scores rows: how it is run, and what it was made of. */
export interface Program {
  /** Program and arguments; the folder with the rows comes behind them. */
  readonly command: readonly string[];
  /** `member`: run for each member, with its rows alone; `all`: once with those of all. */
  readonly per: 'member' | 'all';
  /** Longest time of a run. */
  readonly seconds: number;
  /** Whether the folders with rows stay. */
  readonly keep: boolean;
  /** Files that the command or the method names, by their path from `folder`. */
  readonly files: readonly ProgramFile[];
  /** Where it is run: the folder of the experiment file. */
  readonly folder: string;
}

export interface ProgramFile {
  readonly file: string;
  readonly sha256: string;
}

type GivenProgram = NonNullable<ExperimentFile['methods'][number]['program']>;

const SECONDS = 600;

/**
 * A program with its defaults and the hashes of its files.
 * @param folder of the experiment file
 * @param place for errors
 * @throws CordonError CONFIG_INVALID where no file is named, so that nothing could say which program gave the results;
 *   DATA_NOT_FOUND for one of `files` that is not there
 */
export async function programOf(
  { command, per = 'member', seconds = SECONDS, keep = false, files = [] }: GivenProgram,
  folder: string,
  place: string,
): Promise<Program> {
  const named: ProgramFile[] = [];
  // An interpreter elsewhere is no more part of the program than the libraries that it loads.
  const words = isAbsolute(command[0] ?? '') ? command.slice(1) : command;
  for (const file of new Set([...words, ...files])) {
    const sha256 = await fileHash(resolve(folder, file));
    if (sha256 !== null) named.push({ file, sha256 });
    else if (files.includes(file)) {
      throw new CordonError('DATA_NOT_FOUND', {
        expected: `the file ${file} of ${place} in ${resolve(folder)}`,
        got: 'none of that name',
        next: 'correct program.files; paths begin at the folder of the experiment file',
      });
    }
  }
  if (named.length === 0) {
    throw invalid(
      `program.command or program.files of ${place} to name a file in ${resolve(folder)}`,
      command.join(' '),
    );
  }
  return { command, per, seconds, keep, files: named, folder: resolve(folder) };
}

/** SHA-256 over the command and what its files hold. */
export function programHash({ command, files }: Pick<Program, 'command' | 'files'>): string {
  return hashOf({ command, files });
}

/** @throws CordonError CONFIG_INVALID for a file that is no longer what it was when the experiment began */
export async function checkUnchanged({ files, folder }: Program, name: string): Promise<void> {
  for (const { file, sha256 } of files) {
    if ((await fileHash(resolve(folder, file))) === sha256) continue;
    throw new CordonError('CONFIG_INVALID', {
      expected: `${file} of ${name} as it was when the experiment began`,
      got: 'another content, or no such file',
      next: 'run it again with another --out, and change a program only between two runs',
    });
  }
}

/** SHA-256 in hexadecimal digits; null for what is no file. */
async function fileHash(path: string): Promise<string | null> {
  try {
    if (!(await stat(path)).isFile()) return null;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    return hash.digest('hex');
  } catch (error) {
    // Any word of a command may be asked for, so also one that could not be the name of a file.
    if (error instanceof Error && 'code' in error && ABSENT.has(String(error.code))) return null;
    throw error;
  }
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);
