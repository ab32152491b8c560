import type { Geometry } from '../state/board.js';

type Corners = readonly (readonly [number, number])[];

/** Corners as shares of half the width and height; shapes that aren't here are drawn as rectangles. */
const POLYGONS: Record<string, Corners> = {
  triangle: [
    [0, -1],
    [1, 1],
    [-1, 1],
  ],
  rhombus: [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
  ],
  flow_chart_decision: [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
  ],
  parallelogram: [
    [-0.7, -1],
    [1, -1],
    [0.7, 1],
    [-1, 1],
  ],
  flow_chart_input_output: [
    [-0.7, -1],
    [1, -1],
    [0.7, 1],
    [-1, 1],
  ],
  trapezoid: [
    [-0.6, -1],
    [0.6, -1],
    [1, 1],
    [-1, 1],
  ],
  pentagon: [
    [0, -1],
    [1, -0.24],
    [0.62, 1],
    [-0.62, 1],
    [-1, -0.24],
  ],
  hexagon: [
    [-0.5, -1],
    [0.5, -1],
    [1, 0],
    [0.5, 1],
    [-0.5, 1],
    [-1, 0],
  ],
  octagon: [
    [-0.42, -1],
    [0.42, -1],
    [1, -0.42],
    [1, 0.42],
    [0.42, 1],
    [-0.42, 1],
    [-1, 0.42],
    [-1, -0.42],
  ],
  right_arrow: [
    [-1, -0.5],
    [0.3, -0.5],
    [0.3, -1],
    [1, 0],
    [0.3, 1],
    [0.3, 0.5],
    [-1, 0.5],
  ],
  left_arrow: [
    [1, -0.5],
    [-0.3, -0.5],
    [-0.3, -1],
    [-1, 0],
    [-0.3, 1],
    [-0.3, 0.5],
    [1, 0.5],
  ],
  cross: [
    [-0.33, -1],
    [0.33, -1],
    [0.33, -0.33],
    [1, -0.33],
    [1, 0.33],
    [0.33, 0.33],
    [0.33, 1],
    [-0.33, 1],
    [-0.33, 0.33],
    [-1, 0.33],
    [-1, -0.33],
    [-0.33, -0.33],
  ],
  star: [
    [0, -1],
    [0.24, -0.31],
    [0.95, -0.31],
    [0.38, 0.12],
    [0.59, 0.81],
    [0, 0.4],
    [-0.59, 0.81],
    [-0.38, 0.12],
    [-0.95, -0.31],
    [-0.24, -0.31],
  ],
};

const ROUND = new Set(['circle', 'flow_chart_connector', 'flow_chart_or', 'flow_chart_summing_junction', 'cloud']);

/** The shape's outline around (0, 0) as SVG. */
export function shapeOutline(shape: string, { width, height }: Geometry, look: string): string {
  const w = width / 2;
  const h = height / 2;
  if (ROUND.has(shape)) return `<ellipse rx="${w}" ry="${h}" ${look}/>`;
  const corners = POLYGONS[shape];
  if (corners) return `<polygon points="${corners.map(([x, y]) => `${x * w},${y * h}`).join(' ')}" ${look}/>`;
  const radius = shape === 'round_rectangle' || shape === 'flow_chart_terminator' ? Math.min(w, h) * 0.4 : 0;
  return `<rect x="${-w}" y="${-h}" width="${width}" height="${height}" rx="${radius}" ${look}/>`;
}
