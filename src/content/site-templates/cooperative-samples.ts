import { type SampleEntry, sampleNotice } from '../site-template.ts'

/** Districts and crops are real; associations, people and figures are left generic or left to fill in. */
export const cooperativeSamples: SampleEntry[] = [
  // Notícias
  {
    collection: 'posts',
    slug: 'exemplo-boa-fermentacao',
    publishedAt: '2026-06-10T08:00:00.000Z',
    data: {
      title: 'Exemplo: A boa fermentação começa na colheita',
      category: 'Qualidade',
      summary: 'Cápsulas maduras, abertas no dia certo e sem grãos estragados: o aroma do cacau decide-se antes da caixa de fermentação.',
      body: `Colher só as cápsulas maduras, separar as doentes e levar a goma fresca ao centro no próprio dia são os três primeiros cuidados.\n\nNas caixas de madeira, a massa é coberta para manter o calor e revolvida para respirar. O responsável regista as datas e observa a cor e o cheiro do grão antes de o mandar para a secagem.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'posts',
    slug: 'exemplo-secagem-ao-sol',
    publishedAt: '2026-07-06T08:00:00.000Z',
    data: {
      title: 'Exemplo: Secagem ao sol durante a gravana',
      category: 'Produção',
      summary: 'Com menos chuva, os secadores solares trabalham melhor, e o grão seca devagar e por igual.',
      body: `Nos secadores, o cacau é espalhado em camada fina e mexido várias vezes ao dia. Secar depressa demais deixa o grão ácido; secar devagar demais traz bolor.\n\nAntes de ensacar, cada lote é verificado e identificado com a associação de origem e a data, para que se possa seguir o seu caminho até ao comprador.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'posts',
    slug: 'exemplo-formacao-em-poda',
    publishedAt: '2026-08-17T08:00:00.000Z',
    data: {
      title: 'Exemplo: Formação em poda e controlo da sombra',
      category: 'Formação',
      summary: 'Produtores e técnicos trabalham lado a lado na parcela para rejuvenescer cacaueiros velhos sem químicos.',
      body: `A formação decorre no campo: primeiro observa-se a árvore, depois decide-se o corte. Uma copa arejada recebe luz, seca mais depressa depois da chuva e adoece menos.\n\nFala-se também das árvores de sombra, da cobertura do solo e da compostagem das cascas de cacau, que devolvem à terra o que a colheita leva.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'posts',
    slug: 'exemplo-inspecao-biologica',
    publishedAt: '2026-09-21T08:00:00.000Z',
    data: {
      title: 'Exemplo: Como nos preparamos para a inspeção biológica',
      category: 'Qualidade',
      summary: 'O controlo interno visita as parcelas, confere os registos e ajuda cada produtor a cumprir as regras da agricultura biológica.',
      body: `Antes da visita do organismo de certificação, os inspetores internos percorrem as parcelas e confirmam que não se usaram produtos proibidos. Verificam também os registos de entrega e a separação dos lotes.\n\nQuando encontram um problema, combinam com o produtor o que corrigir e voltam para ver. A certificação é de todos: um erro de um afeta o grupo.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'posts',
    slug: 'exemplo-comercio-justo',
    publishedAt: '2026-10-12T08:00:00.000Z',
    data: {
      title: 'Exemplo: O que muda com o comércio justo',
      category: 'Mercado',
      summary: 'Contratos mais estáveis e um prémio decidido em conjunto: as associações explicam como escolhem onde o aplicar.',
      body: `No comércio justo, o comprador paga, além do preço do cacau, um prémio destinado à comunidade. São os produtores, reunidos em assembleia, que decidem como o usar.\n\nÁgua, escola, caminhos ou melhorias nos secadores: cada associação apresenta as suas propostas, vota e dá conta do que foi feito.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'posts',
    slug: 'exemplo-assembleia-das-associacoes',
    publishedAt: '2026-11-09T08:00:00.000Z',
    data: {
      title: 'Exemplo: Assembleia das associações prepara o próximo ano',
      category: 'Vida associativa',
      summary: 'Delegados das associações discutem as contas, as metas e o calendário de recolha do cacau.',
      body: `Cada associação envia os seus delegados. A ordem de trabalhos inclui o balanço da campanha, a aprovação das metas e o plano de formação.\n\nA participação das mulheres e dos jovens nos órgãos da cooperativa é um dos temas em debate.\n\n${sampleNotice}`,
      sample: true,
    },
  },

  // Associações
  {
    collection: 'associations',
    slug: 'exemplo-associacao-de-lemba',
    publishedAt: '2026-06-04T09:00:00.000Z',
    data: {
      title: 'Exemplo: Associação de produtores de Lembá',
      district: 'Lembá',
      community: '(a preencher)',
      summary: `Lugar da apresentação de uma associação do norte da ilha: a sua história, as parcelas e o centro de fermentação. ${sampleNotice}`,
      products: ['Cacau biológico'],
      sample: true,
    },
  },
  {
    collection: 'associations',
    slug: 'exemplo-associacao-de-lobata',
    publishedAt: '2026-06-04T09:05:00.000Z',
    data: {
      title: 'Exemplo: Associação de produtores de Lobata',
      district: 'Lobata',
      community: '(a preencher)',
      summary: `Lugar da apresentação de uma associação que entrega goma fresca e partilha um secador solar. ${sampleNotice}`,
      products: ['Cacau biológico', 'Fruta'],
      sample: true,
    },
  },
  {
    collection: 'associations',
    slug: 'exemplo-associacao-de-me-zochi',
    publishedAt: '2026-06-04T09:10:00.000Z',
    data: {
      title: 'Exemplo: Associação de produtores de Mé-Zóchi',
      district: 'Mé-Zóchi',
      community: '(a preencher)',
      summary: `Lugar da apresentação de uma associação das terras altas, onde o cacau convive com hortas e cafezais. ${sampleNotice}`,
      products: ['Cacau biológico', 'Hortícolas'],
      sample: true,
    },
  },
  {
    collection: 'associations',
    slug: 'exemplo-associacao-de-pague',
    publishedAt: '2026-06-04T09:15:00.000Z',
    data: {
      title: 'Exemplo: Associação de produtores de Pagué',
      district: 'Pagué',
      community: '(a preencher)',
      summary: `Lugar da apresentação de uma associação da ilha do Príncipe. ${sampleNotice}`,
      products: ['Cacau biológico'],
      sample: true,
    },
  },

  // Metas anuais
  {
    collection: 'year-goals',
    slug: 'exemplo-meta-formacao-2026',
    publishedAt: '2026-06-12T09:00:00.000Z',
    data: {
      title: 'Exemplo: Associações com formação em poda',
      year: 2026,
      target: 100,
      unit: '% (valor de exemplo)',
      achieved: 50,
      summary: `Levar a formação a todas as associações. Os valores servem só para mostrar o gráfico. ${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'year-goals',
    slug: 'exemplo-meta-registos-2026',
    publishedAt: '2026-06-12T09:05:00.000Z',
    data: {
      title: 'Exemplo: Lotes com registo completo de origem',
      year: 2026,
      target: 100,
      unit: '% (valor de exemplo)',
      achieved: 75,
      summary: `Poder seguir cada saco, da parcela ao porto. Os valores servem só para mostrar o gráfico. ${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'year-goals',
    slug: 'exemplo-meta-viveiros-2027',
    publishedAt: '2026-11-10T09:00:00.000Z',
    data: {
      title: 'Exemplo: Associações com viveiro próprio',
      year: 2027,
      target: 100,
      unit: '% (valor de exemplo)',
      achieved: 0,
      summary: `Produzir as plantas jovens perto das parcelas. Os valores servem só para mostrar o gráfico. ${sampleNotice}`,
      sample: true,
    },
  },

  // Parceiros
  {
    collection: 'partners',
    slug: 'exemplo-organizacao-parceira',
    publishedAt: '2026-06-02T09:00:00.000Z',
    data: {
      title: 'Exemplo: Organização parceira',
      kind: 'Cooperação internacional',
      summary: `Lugar de uma organização que apoia a formação dos produtores. ${sampleNotice}`,
      website: 'https://example.org',
      sample: true,
    },
  },
  {
    collection: 'partners',
    slug: 'exemplo-comprador-de-cacau',
    publishedAt: '2026-06-02T09:05:00.000Z',
    data: {
      title: 'Exemplo: Comprador de cacau',
      kind: 'Comprador',
      summary: `Lugar de um chocolateiro que compra cacau biológico e de comércio justo. ${sampleNotice}`,
      website: 'https://example.org',
      sample: true,
    },
  },
  {
    collection: 'partners',
    slug: 'exemplo-organismo-de-certificacao',
    publishedAt: '2026-06-02T09:10:00.000Z',
    data: {
      title: 'Exemplo: Organismo de certificação',
      kind: 'Certificação',
      summary: `Lugar do organismo que verifica o modo de produção biológico. ${sampleNotice}`,
      website: 'https://example.org',
      sample: true,
    },
  },

  // Equipa
  {
    collection: 'team',
    slug: 'exemplo-presidente-da-direcao',
    publishedAt: '2026-06-01T09:00:00.000Z',
    data: {
      title: 'Exemplo: Presidente da Direção',
      name: '(a preencher)',
      department: 'Direção',
      bio: `Representa a cooperativa e coordena a Direção eleita pelas associações. ${sampleNotice}`,
      position: 1,
      sample: true,
    },
  },
  {
    collection: 'team',
    slug: 'exemplo-presidente-do-conselho-fiscal',
    publishedAt: '2026-06-01T09:05:00.000Z',
    data: {
      title: 'Exemplo: Presidente do Conselho Fiscal',
      name: '(a preencher)',
      department: 'Conselho Fiscal',
      bio: `Acompanha as contas e dá parecer à assembleia. ${sampleNotice}`,
      position: 2,
      sample: true,
    },
  },
  {
    collection: 'team',
    slug: 'exemplo-responsavel-da-qualidade',
    publishedAt: '2026-06-01T09:10:00.000Z',
    data: {
      title: 'Exemplo: Responsável pela qualidade',
      name: '(a preencher)',
      department: 'Equipa técnica',
      bio: `Segue a fermentação, a secagem e a separação dos lotes. ${sampleNotice}`,
      position: 3,
      sample: true,
    },
  },

  // Vídeos
  {
    collection: 'videos',
    slug: 'exemplo-da-capsula-ao-grao',
    publishedAt: '2026-08-03T15:00:00.000Z',
    data: {
      title: 'Exemplo: Da cápsula ao grão seco',
      url: 'https://example.org/videos/da-capsula-ao-grao',
      summary: `A colheita, a quebra, a fermentação e a secagem, contadas passo a passo. ${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'videos',
    slug: 'exemplo-vozes-dos-produtores',
    publishedAt: '2026-10-26T15:00:00.000Z',
    data: {
      title: 'Exemplo: Vozes dos produtores',
      url: 'https://example.org/videos/vozes-dos-produtores',
      summary: `Lugar de um vídeo em que produtores falam do seu trabalho e da vida na associação. ${sampleNotice}`,
      sample: true,
    },
  },
]
