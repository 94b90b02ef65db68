import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Resource, Scope } from '../../domain/telemetry.ts';
import { findServiceName } from '../../domain/views.ts';
import { formatAttributes, sortKeys } from './attribute-json.ts';

/** A dictionary forgets its cache beyond this: ids are found again in the table. */
const MAX_CACHED = 10_000;

/** Ids by dictionary. */
export type Used = Readonly<Record<'names' | 'resources' | 'scopes', Set<number>>>;

/** Numbers that stand for what spans and logs repeat. */
export type Dictionary = {
  nameId(name: string): number;
  resourceId(resource: Resource): number;
  scopeId(scope: Scope): number;
  /** Forgets what a transaction that was rolled back may have made. */
  forget(): void;
  /** Each id that is given from now on is added; null ends it. */
  watch(used: Used | null): void;
};

/** The dictionary tables of a database. */
export function createDictionary(database: DatabaseSync): Dictionary {
  const names = createLookUp(database, {
    find: 'SELECT id FROM names WHERE name = ?',
    add: 'INSERT INTO names (name) VALUES (?)',
  });
  const resources = createLookUp(database, {
    find: 'SELECT id FROM resources WHERE attributes = ?',
    add: 'INSERT INTO resources (attributes, service) VALUES (?, ?)',
  });
  const scopes = createLookUp(database, {
    find: 'SELECT id FROM scopes WHERE name = ? AND version = ? AND attributes = ?',
    add: 'INSERT INTO scopes (name, version, attributes) VALUES (?, ?, ?)',
  });
  // The spans of a request share one resource object: its text is made once.
  let resourceIds = new WeakMap<Resource, number>();
  let scopeIds = new WeakMap<Scope, number>();
  let used: Used | null = null;
  const give = (table: keyof Used, id: number) => {
    used?.[table].add(id);
    return id;
  };
  return {
    nameId: (name) => give('names', names.idOf([name])),
    resourceId(resource) {
      let id = resourceIds.get(resource);
      if (id === undefined) {
        id = resources.idOf([formatAttributes(sortKeys(resource.attributes))], [findServiceName(resource.attributes)]);
        resourceIds.set(resource, id);
      }
      return give('resources', id);
    },
    scopeId(scope) {
      let id = scopeIds.get(scope);
      if (id === undefined) {
        id = scopes.idOf([scope.name, scope.version, formatAttributes(sortKeys(scope.attributes))]);
        scopeIds.set(scope, id);
      }
      return give('scopes', id);
    },
    forget() {
      names.forget();
      resources.forget();
      scopes.forget();
      resourceIds = new WeakMap();
      scopeIds = new WeakMap();
    },
    watch(next) {
      used = next;
    },
  };
}

/** Ids of the rows of one table, made where they are missing. */
export type LookUp = {
  /** @param key the columns that tell rows apart @param rest further columns of a new row */
  idOf(key: readonly SQLInputValue[], rest?: readonly SQLInputValue[]): number;
  forget(): void;
};

/** A cached look-up. `find` takes the key, `add` key and rest. */
export function createLookUp(database: DatabaseSync, sql: { readonly find: string; readonly add: string }): LookUp {
  const find = database.prepare(sql.find);
  const add = database.prepare(sql.add);
  const cache = new Map<string, number>();
  return {
    idOf(key, rest = []) {
      const text = key.length === 1 ? String(key[0]) : JSON.stringify(key);
      const cached = cache.get(text);
      if (cached !== undefined) return cached;
      const found = find.get(...key);
      const id = found ? Number(found.id) : Number(add.run(...key, ...rest).lastInsertRowid);
      if (cache.size >= MAX_CACHED) cache.clear();
      cache.set(text, id);
      return id;
    },
    forget: () => cache.clear(),
  };
}
