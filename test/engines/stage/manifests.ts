import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { enginePath } from '../build/engines.ts';
import type { ToolRun } from './run-tool.ts';

/** A document of the manifests; what a test does not ask for is not typed. */
export type Manifest = {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: Pod };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
    readonly ports?: readonly { readonly name: string; readonly port: number; readonly targetPort?: unknown }[];
    readonly selector?: Labels & { readonly matchLabels?: Labels };
    readonly podSelector?: Selector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Flow[];
    readonly egress?: readonly Flow[];
  };
};
export type Labels = Readonly<Record<string, string>>;
type Selector = {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
};
type Peer = { readonly podSelector?: Selector; readonly namespaceSelector?: unknown; readonly ipBlock?: unknown };
export type Flow = {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port: number }[];
};
export type Pod = {
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes: readonly Volume[];
};
export type Container = {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly envFrom?: readonly Readonly<Record<string, { readonly name: string } | undefined>>[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: { readonly requests: Labels; readonly limits: Labels };
  readonly securityContext?: {
    readonly capabilities?: { readonly add?: readonly string[]; readonly drop: readonly string[] };
  };
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
    readonly readOnly?: boolean;
  }[];
};
type Items = readonly { readonly key: string; readonly path: string }[];
type Source = {
  readonly configMap?: { readonly name: string; readonly items?: Items };
  readonly secret?: { readonly name?: string; readonly secretName?: string; readonly items?: Items };
};
export type Volume = Source & {
  readonly name: string;
  readonly projected?: { readonly sources: readonly Source[] };
};

/** What kustomize makes of a folder. @returns its manifests, or what it said where it fails */
export function buildManifests(folder: string): ToolRun {
  const args = ['build', '--load-restrictor', 'LoadRestrictionsNone', folder];
  const options = { encoding: 'utf8', maxBuffer: 64_000_000 } as const;
  const { status, stdout, stderr, error } = spawnSync(enginePath('kustomize'), args, options);
  if (error) throw error;
  return { code: status, output: status === 0 ? stdout : stderr };
}

/** Decodes manifests strictly into the types of k8s.io/api. @returns a line a document, or what is wrong with it */
export function decodeStrictly(text: string): ToolRun {
  const { status, stdout, stderr, error } = spawnSync(enginePath('manifests'), { encoding: 'utf8', input: text });
  if (error) throw error;
  return { code: status, output: stdout + stderr };
}

/** The documents of manifests. */
export function readManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/** Writes a kustomization of one's own, with folders of the project: what a team has beside it. @returns its folder */
export function writeKustomization(folder: string, resource: string, components: readonly string[]): string {
  const at = (path: string) => relative(folder, resolve('collector/kubernetes', path));
  const content = { resources: [at(resource)], components: components.map((name) => at(`components/${name}`)) };
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(content));
  return folder;
}

/** Where a volume's files come from, one after the other. */
export const listSources = (volume: Volume): readonly Source[] => volume.projected?.sources ?? [volume];

/** Lays the ConfigMaps of a pod out below `root`, as its container sees them. */
export function layOutFiles(pod: Pod, manifests: readonly Manifest[], root: string): void {
  for (const { name, mountPath, subPath } of pod.containers[0]?.volumeMounts ?? []) {
    const volume = pod.volumes.find((one) => one.name === name);
    for (const { configMap } of volume ? listSources(volume) : []) {
      const data = manifests.find(({ metadata }) => metadata.name === configMap?.name)?.data ?? {};
      const items = configMap?.items ?? Object.keys(data).map((key) => ({ key, path: key }));
      for (const { key, path } of items.filter((item) => subPath === undefined || item.path === subPath)) {
        const file = join(root, mountPath, subPath === undefined ? path : '');
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, data[key] ?? '');
      }
    }
  }
}
