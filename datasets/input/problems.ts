import { CordonError } from '../../protocol/errors.ts';

const TRUNCATED = new Set([
  'Z_BUF_ERROR',
  'Z_DATA_ERROR',
  'ZSTD_error_srcSize_wrong',
  'ERR_ZLIB_INITIALIZATION_FAILED',
]);

/** A file or archive that ends too early or whose bytes do not add up. */
export function truncated(file: string, got: string, cause?: unknown): CordonError {
  return new CordonError(
    'FILE_TRUNCATED',
    {
      expected: `${file} to be complete`,
      got,
      next: 'fetch or copy the file again and compare its size or checksum with the original',
    },
    { cause },
  );
}

/** What zlib and zstd say of a stream that is complete and yet wrong, or that ends too early. */
function inWords(message: string): string {
  if (/data check|checksum/i.test(message))
    return `bytes whose checksum is not the one in the file: ${message}`;
  if (/length check/.test(message)) return `another number of bytes than the file says: ${message}`;
  if (/unexpected end|srcsize|src size/i.test(message)) return `a file that ends too early: ${message}`;
  return `compressed bytes that cannot be read: ${message}`;
}

/** What reading `file` threw, in our words; errors that are ours already pass through. */
export function readProblem(file: string, error: unknown): Error {
  if (error instanceof CordonError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (TRUNCATED.has(code) || code.startsWith('Z_') || code.startsWith('ZSTD_')) {
    return truncated(file, `${inWords(error.message)} (${code})`, error);
  }
  if (['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'EIO', 'ELOOP'].includes(code)) {
    return new CordonError(
      'DATA_NOT_FOUND',
      {
        expected: `a file or folder that can be read at ${file}`,
        got: error.message,
        next: 'check the path and its permissions',
      },
      { cause: error },
    );
  }
  return error;
}
