/** What Miro's colour names look like on the screen. */
export const STICKY_COLOURS: Record<string, string> = {
  gray: '#f5f6f8',
  light_yellow: '#fff9b1',
  yellow: '#f5d128',
  orange: '#ff9d48',
  light_green: '#d5f692',
  green: '#c9df56',
  dark_green: '#93d275',
  cyan: '#67c6c0',
  light_pink: '#ffcee0',
  pink: '#ea94bb',
  violet: '#be88c7',
  red: '#f16c7f',
  light_blue: '#a6ccf5',
  blue: '#6cd8fa',
  dark_blue: '#9ea9ff',
  black: '#595959',
};

export const TAG_COLOURS: Record<string, string> = {
  red: '#f24726',
  light_green: '#8fd14f',
  cyan: '#12cdd4',
  yellow: '#d4a800',
  magenta: '#da0063',
  green: '#0ca789',
  blue: '#2d9bf0',
  gray: '#808080',
  violet: '#9510ac',
  dark_green: '#067429',
  dark_blue: '#414bb2',
  black: '#1a1a1a',
};
