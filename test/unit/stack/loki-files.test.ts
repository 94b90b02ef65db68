import { listDifferences, readStackFile } from '../../helpers/stack-file.ts';

type Loki = {
  readonly limits_config: {
    readonly otlp_config: {
      readonly resource_attributes: {
        readonly attributes_config: readonly { readonly action: string; readonly attributes: readonly string[] }[];
      };
    };
  };
};
type DataSources = {
  readonly datasources: readonly {
    readonly type: string;
    readonly jsonData: {
      readonly tracesToLogsV2?: { readonly tags: readonly { readonly key: string; readonly value: string }[] };
    };
  }[];
};

const LOKI = 'collector/loki/loki.yaml';
const loki = readStackFile<Loki>(LOKI);
const [labels] = loki.limits_config.otlp_config.resource_attributes.attributes_config;

test('Loki on object storage is Loki on a disk, but for where chunks, index and delete requests lie', () => {
  expect(listDifferences(loki, readStackFile('collector/loki/loki-object-storage.yaml'))).toEqual([
    'common.storage.filesystem',
    'common.storage.s3',
    'schema_config.configs.0.object_store',
    'compactor.delete_request_store',
  ]);
});

test('the way from a span to its lines asks for labels that Loki has', () => {
  expect(labels?.action).toBe('index_label');
  const { datasources } = readStackFile<DataSources>('dashboards/provisioning/datasources/callspan.yaml');
  const tags = datasources.flatMap(({ jsonData }) => jsonData.tracesToLogsV2?.tags ?? []);
  expect(tags.length).toBeGreaterThan(0);
  for (const { key, value } of tags) {
    expect(labels?.attributes).toContain(key);
    expect(value).toBe(key.replaceAll('.', '_'));
  }
});
