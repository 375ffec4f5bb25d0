import type { Images } from '../../files/images.ts'

/** As the database has it. Twice the size at which mails show it, and smaller until it fits: every mail carries it. */
const mostBytes = 65_536
const boxes = [
  { width: 440, height: 112 },
  { width: 330, height: 84 },
  { width: 220, height: 56 },
]

/** PNG, because mail programs show neither SVG nor WebP. */
export async function mailLogo(images: Images, logo: Uint8Array): Promise<Buffer> {
  for (const box of boxes) {
    for (const palette of [false, true]) {
      const { bytes } = await images.render(logo, { format: 'png', fit: 'inside', palette, ...box })
      if (bytes.length <= mostBytes) return bytes
    }
  }
  throw new TypeError('220 × 56 pixels of 256 colours do not take 64 KB')
}
