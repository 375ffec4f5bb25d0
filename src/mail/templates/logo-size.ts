const most = { width: 220, height: 56 }

/** Pixels to show a PNG at: mail programs that know no CSS go by the attributes. Undefined for what is no PNG. */
export function logoSize(logo: Uint8Array): { width: number; height: number } | undefined {
  const view = new DataView(logo.buffer, logo.byteOffset, logo.byteLength)
  // PNG, third edition, 5.2 and 11.2.1: signature, then IHDR with width and height.
  if (view.byteLength < 24 || view.getBigUint64(0) !== 0x89504e470d0a1a0an) return undefined
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  if (width === 0 || height === 0) return undefined
  const scale = Math.min(most.width / width, most.height / height, 1)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}
