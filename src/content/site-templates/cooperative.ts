import { Type } from 'typebox'
import type { SiteTemplate } from '../site-template.ts'
import {
  choice,
  closedObject,
  date,
  emailAddress,
  entrySchema,
  imageReference,
  line,
  lines,
  link,
  paragraph,
  richText,
  sample,
  year,
} from './fields.ts'

/** Six districts of São Tomé and, for Príncipe, the autonomous region by its only district. */
const districts = ['Água Grande', 'Cantagalo', 'Caué', 'Lembá', 'Lobata', 'Mé-Zóchi', 'Pagué'] as const

/** A producers' cooperative, after CECAB-STP. */
export const cooperative: SiteTemplate = {
  slug: 'cooperative',
  roles: [
    {
      slug: 'comunicacao',
      name: 'Comunicação',
      permissions: ['site:read', 'content:read', 'content:write', 'content:publish', 'media:read', 'media:write'],
    },
    { slug: 'tecnico-de-campo', name: 'Técnico de campo', permissions: ['site:read', 'content:read', 'content:write', 'media:read', 'media:write'] },
    {
      slug: 'direcao',
      name: 'Direção',
      permissions: ['site:read', 'members:read', 'roles:read', 'content:read', 'content:publish', 'media:read', 'mail:read', 'audit:read'],
    },
  ],
  collections: [
    {
      slug: 'posts',
      name: 'Notícias',
      description: 'Notícias da cooperativa e das associações.',
      audience: 'public',
      schema: entrySchema('Título', {
        category: choice('Categoria', ['Notícia', 'Produção', 'Qualidade', 'Formação', 'Mercado', 'Vida associativa']),
        summary: paragraph('Resumo', 500),
        body: richText('Texto'),
        image: Type.Optional(imageReference('Imagem de capa')),
      }),
    },
    {
      slug: 'associations',
      name: 'Associações',
      description: 'As associações de produtores que formam a cooperativa.',
      audience: 'public',
      schema: entrySchema('Associação', {
        district: choice('Distrito', districts),
        community: Type.Optional(line('Comunidade')),
        summary: paragraph('Apresentação'),
        products: Type.Optional(lines('Produtos')),
        members: Type.Optional(Type.Integer({ title: 'Número de produtores', minimum: 0, maximum: 1_000_000 })),
        image: Type.Optional(imageReference('Fotografia')),
      }),
    },
    {
      slug: 'year-goals',
      name: 'Metas anuais',
      description: 'O que a cooperativa se propõe em cada ano e o que já alcançou.',
      audience: 'public',
      schema: entrySchema('Meta', {
        year: year('Ano'),
        target: Type.Number({ title: 'Valor a atingir', minimum: 0 }),
        unit: line('Unidade', 50),
        achieved: Type.Number({ title: 'Valor alcançado', minimum: 0 }),
        summary: paragraph('Em que consiste'),
      }),
    },
    {
      slug: 'partners',
      name: 'Parceiros',
      description: 'Compradores, certificadores e organizações que apoiam a cooperativa.',
      audience: 'public',
      schema: entrySchema('Organização', {
        kind: choice('Tipo', ['Comprador', 'Certificação', 'Cooperação internacional', 'Instituição pública', 'Sociedade civil']),
        summary: paragraph('Em que colabora'),
        website: Type.Optional(link('Sítio na Internet')),
        logo: Type.Optional(imageReference('Logótipo')),
      }),
    },
    {
      slug: 'team',
      name: 'Equipa',
      description: 'Os órgãos sociais e a equipa técnica.',
      audience: 'public',
      schema: entrySchema('Cargo', {
        name: line('Nome'),
        department: line('Órgão ou equipa'),
        bio: Type.Optional(paragraph('Apresentação', 2_000)),
        photo: Type.Optional(imageReference('Fotografia')),
        email: Type.Optional(emailAddress('Correio eletrónico')),
        position: Type.Optional(Type.Integer({ title: 'Ordem na página', minimum: 0, maximum: 1_000 })),
      }),
    },
    {
      slug: 'videos',
      name: 'Vídeos',
      description: 'O trabalho dos produtores, da roça à exportação.',
      audience: 'public',
      schema: entrySchema('Título', {
        url: link('Endereço do vídeo'),
        summary: paragraph('Resumo', 500),
        recordedOn: Type.Optional(date('Data da gravação')),
        thumbnail: Type.Optional(imageReference('Imagem de pré-visualização')),
      }),
    },
    {
      slug: 'messages',
      name: 'Mensagens',
      description: 'Mensagens recebidas pelo formulário de contacto. Só o pessoal autorizado as lê.',
      audience: 'staff',
      form: true,
      schema: closedObject({
        name: line('Nome'),
        email: emailAddress('Correio eletrónico'),
        subject: line('Assunto'),
        body: paragraph('Mensagem', 5_000),
        sample,
      }),
    },
  ],
}
