import { join } from 'node:path';
import { readRecordsConfig } from '../../../services/records/config.ts';

describe('readRecordsConfig', () => {
  test('needs nothing: loopback, port 3001, SQLite in the data folder', () => {
    expect(readRecordsConfig({ DATABASE_URL: '', RECORDS_PORT: '' })).toEqual({
      host: '127.0.0.1',
      port: 3001,
      databaseUrl: undefined,
      sqliteFile: join('.callspan', 'records', 'records.db'),
      token: undefined,
    });
  });

  test('takes what is given, and cannot be changed afterwards', () => {
    const config = readRecordsConfig({
      RECORDS_PORT: '0',
      DATABASE_URL: 'postgresql://db/records',
      CALLSPAN_DATA_DIR: '/data',
    });
    expect(config).toMatchObject({ port: 0, databaseUrl: 'postgresql://db/records' });
    expect(config.sqliteFile).toBe(join('/data', 'records', 'records.db'));
    expect(Object.isFrozen(config)).toBe(true);
  });

  test.each([
    ['RECORDS_PORT', 'abc'],
    ['RECORDS_PORT', '65536'],
    ['RECORDS_PORT', '-1'],
    ['DATABASE_URL', 'mysql://db/records'],
    ['DATABASE_URL', 'postgres://'],
  ])('refuses %s=%s with one line that names it', (name, value) => {
    expect(() => readRecordsConfig({ [name]: value })).toThrow(new RegExp(`^${name} must [^\\n]*$`));
  });

  test('does not repeat an address that may hold a password', () => {
    expect(() => readRecordsConfig({ DATABASE_URL: 'mysql://me:hunter2@db' })).not.toThrow('hunter2');
  });

  test('refuses to leave loopback without a token, and asks for one only there', () => {
    const token = { CALLSPAN_OPERATIONS_TOKEN: 'secret' };
    expect(() => readRecordsConfig({ RECORDS_HOST: '0.0.0.0' })).toThrow(/CALLSPAN_OPERATIONS_TOKEN/);
    expect(readRecordsConfig({ RECORDS_HOST: '0.0.0.0', ...token }).token).toBe('secret');
    expect(readRecordsConfig({ RECORDS_HOST: '127.0.0.1', ...token }).token).toBeUndefined();
  });
});
