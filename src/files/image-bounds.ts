/** What a picture may have, decoded: 64 MB of memory. */
export const mostPixels = 4096 * 4096
/** Pixels that an SVG is drawn with on its longer side, whatever size it says. */
export const drawnSvg = 2_048
