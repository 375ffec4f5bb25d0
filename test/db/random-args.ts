import fc, { type GeneratorValue } from 'fast-check'
import type { Args, DataModel } from '../../src/db/data-model.ts'

/** Random arguments of the shapes that Prisma takes, JSON columns full of what looks like arguments. */
export class RandomArgs {
  /** Whether a filter, a key or a row, and not only a JSON column, names the other tenant. */
  namesOther = false
  readonly #g: GeneratorValue
  readonly #models: DataModel
  readonly #own: string
  readonly #other: string
  constructor(g: GeneratorValue, { models, own, other }: { models: DataModel; own: string; other: string }) {
    this.#g = g
    this.#models = models
    this.#own = own
    this.#other = other
  }

  of(model: string, operation: string): Args {
    const args: Args = {}
    if (!operation.startsWith('create')) args.where = this.#where(model, 2)
    if (operation === 'upsert') Object.assign(args, { create: this.#data(model, 2), update: this.#data(model, 2) })
    if (operation === 'createMany') args.data = [this.#data(model, 0), this.#data(model, 0)]
    if (operation === 'create' || operation.startsWith('update')) args.data = this.#data(model, 2)
    return args
  }

  #where(model: string, depth: number): Args {
    const where: Args = this.#tenant(model)
    if (model !== 'Tenant' && this.#chance(5)) where.tenantId_id = { id: 'x', ...this.#tenant(model) }
    if (depth > 0 && this.#chance(4)) where[this.#g(fc.constantFrom, 'AND', 'OR', 'NOT')] = [this.#where(model, depth - 1)]
    if (depth > 0) {
      for (const [name, type] of this.#relations(model)) {
        if (!this.#chance(6)) continue
        const filter = this.#where(type, depth - 1)
        where[name] = this.#chance(2) ? filter : { [this.#g(fc.constantFrom, 'is', 'some', 'none')]: filter }
      }
    }
    return where
  }

  #data(model: string, depth: number): Args {
    const data: Args = this.#tenant(model)
    for (const [name, { type }] of this.#models.get(model) ?? []) {
      if (type === 'Json') data[name] = { tenantId: this.#other, create: { tenantId: this.#other }, data: [{ tenantId: this.#other }] }
    }
    if (depth === 0) return data
    for (const [name, type] of this.#relations(model)) if (this.#chance(4)) data[name] = this.#writes(type, depth - 1)
    return data
  }

  #writes(model: string, depth: number): Args {
    const where = () => this.#where(model, depth)
    const data = () => this.#data(model, depth)
    const verbs: Record<string, () => unknown> = {
      create: () => [data()],
      createMany: () => ({ data: [data()] }),
      connect: where,
      set: () => [where()],
      disconnect: () => this.#chance(2) || where(),
      deleteMany: () => [where()],
      update: () => ({ where: where(), data: data() }),
      updateMany: () => [{ where: where(), data: data() }],
      connectOrCreate: () => ({ where: where(), create: data() }),
      upsert: () => [{ where: where(), create: data(), update: data() }],
    }
    const verb = this.#g(fc.constantFrom, ...Object.keys(verbs))
    return { [verb]: verbs[verb]?.() }
  }

  #tenant(model: string): Args {
    const column = model === 'Tenant' ? 'id' : 'tenantId'
    const choice = this.#g(fc.constantFrom, 'own', 'none', 'none', 'none', 'none', 'none', 'none', 'none', 'none', 'none', 'other')
    if (choice === 'other') this.namesOther = true
    return choice === 'none' ? {} : { [column]: choice === 'own' ? this.#own : this.#other }
  }

  #relations(model: string): [string, string][] {
    return [...(this.#models.get(model) ?? [])].flatMap(([name, { kind, type }]) => (kind === 'object' ? [[name, type]] : []))
  }

  #chance(oneIn: number): boolean {
    return this.#g(fc.nat, oneIn - 1) === 0
  }
}
