/** Finds the handler's key for a method and a path; literal parts win over parameters. */
export interface Route<T> {
  params: Record<string, string>;
  /** More than one where only query or content type tells operations apart. */
  targets: T[];
}

interface Node<T> {
  literal: Map<string, Node<T>>;
  wildcard?: { name: string; node: Node<T> };
  methods: Map<string, T[]>;
}

export class Router<T> {
  private readonly root: Node<T> = newNode();

  add(method: string, path: string, target: T): void {
    const node = path
      .split('/')
      .slice(1)
      .reduce(descend<T>, this.root);
    node.methods.set(method, [...(node.methods.get(method) ?? []), target]);
  }

  /** @returns 'no-path' and 'no-method' are different refusals in Miro. */
  find(method: string, path: string): Route<T> | 'no-path' | 'no-method' {
    const found = search(this.root, path.split('/').slice(1), 0, []);
    if (!found) return 'no-path';
    const targets = found.node.methods.get(method);
    return targets ? { params: Object.fromEntries(found.params), targets } : 'no-method';
  }
}

function newNode<T>(): Node<T> {
  return { literal: new Map(), methods: new Map() };
}

function descend<T>(node: Node<T>, part: string): Node<T> {
  if (part.startsWith('{')) {
    node.wildcard ??= { name: part.slice(1, -1), node: newNode() };
    return node.wildcard.node;
  }
  const next = node.literal.get(part) ?? newNode<T>();
  node.literal.set(part, next);
  return next;
}

type Found<T> = { node: Node<T>; params: [string, string][] } | undefined;

function search<T>(node: Node<T>, parts: string[], i: number, params: [string, string][]): Found<T> {
  const part = parts[i];
  if (part === undefined) return node.methods.size > 0 ? { node, params } : undefined;
  const literal = node.literal.get(part);
  const found = literal && search(literal, parts, i + 1, params);
  if (found || !node.wildcard || part === '') return found;
  return search(node.wildcard.node, parts, i + 1, [...params, [node.wildcard.name, decode(part)]]);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
