import { type Problem, problem } from '../errors.ts'

/** Why an image is not taken, as a stable word and as a sentence for whoever sent it. */
export const imageRefusals = {
  'not-an-image': 'The file is no PNG, JPEG, WebP, AVIF, GIF or SVG image, whatever its name says.',
  'too-many-pixels': 'The image has more than 16,777,216 pixels (4096 × 4096). Make it smaller and send it again.',
  'too-many-frames': 'The image has more than 1,000 frames.',
  'active-svg':
    'The SVG holds a script, a link to another file, an entity, a filter or foreign content. Export it again as a plain drawing, or as PNG.',
  'svg-too-large': 'The SVG has more than 512 KB. Export it again with fewer points, or as PNG.',
  'too-slow': 'The drawing takes too long to be drawn. Export it as PNG.',
  broken: 'The image is damaged: it cannot be read to its end.',
} as const

export type ImageRefusalReason = keyof typeof imageRefusals

export class ImageRefusal extends Error {
  override name = 'ImageRefusal'
  readonly reason: ImageRefusalReason
  constructor(reason: ImageRefusalReason, cause?: unknown) {
    super(imageRefusals[reason], { cause })
    this.reason = reason
  }
}

/** The problem that a refused image is to the caller; undefined where it is something else that failed. */
export function imageProblem(error: unknown): Problem | undefined {
  if (!(error instanceof ImageRefusal)) return undefined
  return problem('IMAGE_REFUSED', { issues: [{ path: '/file', message: error.message, reason: error.reason }] })
}
