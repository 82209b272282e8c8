// Colours for canvases, from the style sheet, in the scheme that the reader has chosen.

export const SEVERITIES = [1, 2, 3, 4]

export function readPalette() {
  const style = getComputedStyle(document.documentElement)
  const colour = (name) => style.getPropertyValue(name).trim()
  return {
    surface: colour('--surface'),
    soft: colour('--soft'),
    line: colour('--line'),
    severity: {
      1: colour('--severity-1'),
      2: colour('--severity-2'),
      3: colour('--severity-3'),
      4: colour('--severity-4'),
    },
  }
}

/** @param {() => void} onChange */
export function onSchemeChange(onChange) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange)
}
