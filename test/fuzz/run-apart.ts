/**
 * One pass of the fuzzer in a process of its own, whose heap the caller bounds: `run-apart.ts FOLDERS SEED COPIES SIZE`,
 * folders separated by colons. Prints the outcomes as JSON; ends with an error that names the case.
 */
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { fuzz } from './fuzz.ts';
import { genuineFiles } from './genuine-files.ts';

const LARGEST = 256 * 1024;
const [folders = '', seed, copies, size] = process.argv.slice(2);

using folder = temporaryFolder();
const files = genuineFiles(folders.split(':'), LARGEST);
const options = { seed: Number(seed), copies: Number(copies), size: Number(size) };
const outcomes = await fuzz({ files, folder: folder.root, ...options });
process.stdout.write(JSON.stringify(outcomes));
