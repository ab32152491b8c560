/** Miro's own names and ranges for shapes, colours and styles. Values are strings, as the API has them. */
import { z } from 'zod';
import { says, strict } from '../invalid-input.js';

export const STICKY_COLOURS = [
  ...['gray', 'light_yellow', 'yellow', 'orange', 'light_green', 'green', 'dark_green', 'cyan'],
  ...['light_pink', 'pink', 'violet', 'red', 'light_blue', 'blue', 'dark_blue', 'black'],
] as const;

export const TAG_COLOURS = [
  ...['red', 'light_green', 'cyan', 'yellow', 'magenta', 'green', 'blue', 'gray', 'violet'],
  ...['dark_green', 'dark_blue', 'black'],
] as const;

export const BASIC_SHAPES = [
  ...['rectangle', 'round_rectangle', 'circle', 'triangle', 'rhombus', 'parallelogram', 'trapezoid', 'pentagon'],
  ...['hexagon', 'octagon', 'wedge_round_rectangle_callout', 'star', 'flow_chart_predefined_process', 'cloud'],
  ...['cross', 'can', 'right_arrow', 'left_arrow', 'left_right_arrow', 'left_brace', 'right_brace'],
] as const;

export const FLOWCHART_SHAPES = [
  ...['connector', 'magnetic_disk', 'input_output', 'decision', 'delay', 'display', 'document', 'magnetic_drum'],
  ...['internal_storage', 'manual_input', 'manual_operation', 'merge', 'multidocuments', 'note_curly_left'],
  ...['note_curly_right', 'note_square', 'offpage_connector', 'or', 'predefined_process_2', 'preparation', 'process'],
  ...['online_storage', 'summing_junction', 'terminator'],
].map((name) => `flow_chart_${name}`);

const TEXT_STYLES = ['color', 'fontFamily', 'fontSize', 'textAlign', 'textAlignVertical'];
const FILL_STYLES = ['fillColor', 'fillOpacity'];

/** Style keys that Miro does not support on single shapes; those without text styles take no content either. */
export const UNSUPPORTED_STYLES: Record<string, string[]> = {
  flow_chart_or: TEXT_STYLES,
  flow_chart_summing_junction: TEXT_STYLES,
  flow_chart_note_curly_left: FILL_STYLES,
  flow_chart_note_curly_right: FILL_STYLES,
  flow_chart_note_square: FILL_STYLES,
};

const FONTS = [
  ...['arial', 'abril_fatface', 'bangers', 'eb_garamond', 'georgia', 'graduate', 'gravitas_one', 'fredoka_one'],
  ...['nixie_one', 'open_sans', 'permanent_marker', 'pt_sans', 'pt_sans_narrow', 'pt_serif', 'rammetto_one', 'roboto'],
  ...['roboto_condensed', 'roboto_slab', 'caveat', 'times_new_roman', 'titan_one', 'lemon_tuesday', 'roboto_mono'],
  ...['noto_sans', 'plex_sans', 'plex_serif', 'plex_mono', 'spoof', 'tiempos_text', 'formular'],
];

const STROKE_CAPS = [
  ...['none', 'stealth', 'rounded_stealth', 'diamond', 'filled_diamond', 'oval', 'filled_oval', 'arrow', 'triangle'],
  ...['filled_triangle', 'erd_one', 'erd_many', 'erd_only_one', 'erd_zero_or_one', 'erd_one_or_many'],
  'erd_zero_or_many',
];

const hex = z.string().regex(/^#[0-9a-fA-F]{6}$/, says('is no hex colour', 'write it like #2d9bf0'));
const frameHex = z
  .string()
  .regex(
    /^#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$/,
    says('is no hex colour', 'write it like #f5f6f8; sticky colour names are not valid on frames'),
  );

/** A number written as a string, within limits. */
const numeric = (min: number, max = Infinity): z.ZodType<string> => {
  const range = max === Infinity ? `at least ${min}` : `${min} to ${max}`;
  return z
    .string()
    .regex(/^\d+(?:\.\d+)?$/, says('is no number', `write ${range} in quotes`))
    .refine((text) => Number(text) >= min && Number(text) <= max, says('is out of range', `write ${range} in quotes`));
};

const align = z.enum(['left', 'right', 'center']).optional();
const alignVertical = z.enum(['top', 'middle', 'bottom']).optional();
const opacity = numeric(0, 1).optional();
const lineStyle = z.enum(['normal', 'dotted', 'dashed']).optional();
const lineWidth = numeric(1, 24).optional();

export const frameStyle = strict({ fillColor: frameHex.optional() });
export const stickyStyle = strict({
  fillColor: z.enum(STICKY_COLOURS).optional(),
  textAlign: align,
  textAlignVertical: alignVertical,
});
export const shapeStyle = strict({
  fillColor: hex.optional(),
  fillOpacity: opacity,
  borderColor: hex.optional(),
  borderOpacity: opacity,
  borderStyle: lineStyle,
  borderWidth: lineWidth,
  color: hex.optional(),
  fontFamily: z.enum(FONTS).optional(),
  fontSize: numeric(10, 288).optional(),
  textAlign: align,
  textAlignVertical: alignVertical,
});
export const textStyle = strict({
  color: hex.optional(),
  fillColor: hex.optional(),
  fillOpacity: opacity,
  fontFamily: z.enum(FONTS).optional(),
  fontSize: numeric(1).optional(),
  textAlign: align,
});
export const cardStyle = strict({ cardTheme: hex.optional() });
export const connectorStyle = strict({
  color: hex.optional(),
  startStrokeCap: z.enum(STROKE_CAPS).optional(),
  endStrokeCap: z.enum(STROKE_CAPS).optional(),
  fontSize: numeric(10, 288).optional(),
  strokeColor: hex.optional(),
  strokeStyle: lineStyle,
  strokeWidth: lineWidth,
  textOrientation: z.enum(['aligned', 'horizontal']).optional(),
});
