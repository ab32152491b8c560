/** The simulator as an onlooker sees it: its own state and log, not what our programs believe. */

export interface SimItem {
  id: string;
  type: string;
  data: Record<string, string>;
  position: { x: number; y: number };
  parent?: { id: string };
  tagIds: string[];
}

export interface SimBoard {
  id: string;
  name: string;
  description: string;
  owner: { id: string };
  members: { id: string; email: string; role: string }[];
  items: SimItem[];
  connectors: { startItem: { id: string }; endItem: { id: string } }[];
  tags: { id: string; title: string }[];
}

export interface SimRequest {
  method: string;
  path: string;
  /** null: the client got no answer. */
  status: number | null;
  fault: string | null;
}

export interface Onlooker {
  boards(): Promise<SimBoard[]>;
  requests(): Promise<SimRequest[]>;
  setFaults(rules: object[]): Promise<void>;
  /** Does as a person would. */
  act(deed: object): Promise<void>;
  /** The board as an SVG picture. */
  picture(boardId: string): Promise<string>;
}

/** @param url of the simulator */
export function onlookerAt(url: string): Onlooker {
  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(`${url}/_sim/${path}`, init);
    if (!response.ok)
      throw new Error(`the simulator answered ${response.status} to /_sim/${path}: ${await response.text()}`);
    return response;
  };
  return {
    boards: async () => ((await (await ask('state')).json()) as { boards: SimBoard[] }).boards,
    requests: async () => (await (await ask('requests')).json()) as SimRequest[],
    async setFaults(rules) {
      await ask('faults', { method: 'PUT', body: JSON.stringify(rules) });
    },
    async act(deed) {
      await ask('act', { method: 'POST', body: JSON.stringify(deed) });
    },
    picture: async (boardId) => (await ask(`boards/${encodeURIComponent(boardId)}.svg`)).text(),
  };
}
