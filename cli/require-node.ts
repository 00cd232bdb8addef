/**
 * Ends the process with a clear error where Node is too old: ML-KEM is in `node:crypto` since 24.7. Called before any verb
 * is loaded; an older Node would fail later, in words that help nobody.
 */
export function requireNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 8)) return;
  process.stderr.write(
    `error CONFIG_INVALID: this Node is too old\n  expected  Node 24.8 or newer\n  got       ${process.versions.node}\n` +
      '  next      install Node 24 LTS, or use the checkout, whose npm scripts bring it along\n',
  );
  process.exit(2);
}
