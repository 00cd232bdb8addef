import { describe, expect, it } from 'vitest';
import { checkTransport } from './transport.ts';

describe('plain HTTP', () => {
  it.each([
    'http://127.0.0.1:8080',
    'http://127.9.9.9',
    'http://localhost:1',
    'http://[::1]:8080',
    'https://far.example',
  ])('is not what %s is refused for', (address) =>
    expect(() => checkTransport(address, false)).not.toThrow(),
  );

  it.each([
    'http://far.example',
    'http://10.0.0.1:8080',
    'http://localhost.evil.example',
    'http://[2001:db8::1]',
  ])('to %s needs the word of the site', (address) => {
    expect(() => checkTransport(address, false)).toThrow(/CONFIG|not valid/);
    expect(() => checkTransport(address, true)).not.toThrow();
  });
});
