import { type SampleEntry, sampleNotice } from '../site-template.ts'

/** Places are real; events, people and figures are left out or left to fill in. */
export const municipalitySamples: SampleEntry[] = [
  // Notícias
  {
    collection: 'posts',
    slug: 'exemplo-limpeza-comunitaria-na-trindade',
    publishedAt: '2026-06-08T09:00:00.000Z',
    data: {
      title: 'Exemplo: Limpeza comunitária na cidade da Trindade',
      category: 'Ambiente',
      summary: 'Moradores, escolas e serviços da Câmara juntam-se para limpar ruas, valas e espaços públicos da sede do distrito.',
      body: `A manhã de limpeza começa no centro da Trindade e segue pelas ruas vizinhas. Cada grupo fica com uma zona e recebe luvas, sacos e vassouras.\n\nAs valas de drenagem são a prioridade: desentupi-las antes das chuvas evita a água parada e protege as casas mais baixas.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'posts',
    slug: 'exemplo-visitas-a-monte-cafe',
    publishedAt: '2026-07-02T08:30:00.000Z',
    data: {
      title: 'Exemplo: Monte Café recebe visitas sobre a história do café',
      category: 'Cultura',
      summary: 'A antiga roça abre as portas a escolas e visitantes que querem conhecer o caminho do grão, da planta à chávena.',
      body: `Em Monte Café, a visita passa pelos antigos espaços de trabalho da roça e explica a colheita, a secagem e a torra. A altitude e a frescura da zona fizeram dela terra de café.\n\nAs escolas do distrito podem combinar a visita com a Câmara, que ajuda a organizar o transporte e o acompanhamento dos alunos.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'posts',
    slug: 'exemplo-caminhos-rurais',
    publishedAt: '2026-08-11T10:15:00.000Z',
    data: {
      title: 'Exemplo: Manutenção dos caminhos rurais durante a gravana',
      category: 'Obras',
      summary: 'Aproveitando a estação seca, as equipas tapam buracos e limpam as bermas dos caminhos que ligam as comunidades à Trindade.',
      body: `A gravana é a melhor altura para trabalhar a terra batida. As equipas começam pelos troços mais usados por agricultores e alunos e limpam também as valetas.\n\nDurante os trabalhos pode haver passagem alternada. Pede-se aos condutores que reduzam a velocidade e respeitem a sinalização.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'posts',
    slug: 'exemplo-inicio-do-ano-letivo',
    publishedAt: '2026-09-14T07:45:00.000Z',
    data: {
      title: 'Exemplo: Preparação do ano letivo nas escolas do distrito',
      category: 'Notícia',
      summary: 'Pequenas reparações, limpeza dos recintos e apoio às famílias marcam as semanas antes do regresso às aulas.',
      body: `Com a comunidade escolar, a Câmara faz o levantamento do que precisa de arranjo: telhados, carteiras, pontos de água e vedações.\n\nAs famílias que precisem de apoio podem informar-se junto da ação social, levando o documento de identificação e a declaração da escola.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'posts',
    slug: 'exemplo-consulta-publica-do-orcamento',
    publishedAt: '2026-10-05T09:00:00.000Z',
    data: {
      title: 'Exemplo: Consulta pública sobre o próximo orçamento',
      category: 'Aviso',
      summary: 'Os munícipes são convidados a dizer quais devem ser as prioridades do distrito no próximo ano.',
      body: `A proposta fica disponível para consulta na Câmara e nesta página, na secção de orçamentos. Cada munícipe pode enviar a sua opinião pelo formulário de contacto ou entregá-la por escrito.\n\nTodas as contribuições são lidas. No fim da consulta publica-se um resumo do que foi proposto e da resposta dada.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'posts',
    slug: 'exemplo-feira-de-produtos-locais',
    publishedAt: '2026-11-12T11:00:00.000Z',
    data: {
      title: 'Exemplo: Feira de produtos locais na Trindade',
      category: 'Evento',
      summary: 'Hortícolas, fruta, café, cacau e artesanato de Mé-Zóchi reunidos num só lugar, com música e petiscos da terra.',
      body: `A feira dá espaço a agricultores, artesãos e pequenas empresas do distrito para venderem sem intermediários. Há bancas de produtos frescos, de transformados e de comida tradicional.\n\nQuem quiser expor inscreve-se na Câmara, indicando o que vende e o espaço de que precisa.\n\n${sampleNotice}`,
      sample: true,
    },
  },

  // Serviços municipais
  {
    collection: 'services',
    slug: 'exemplo-licenca-de-construcao',
    publishedAt: '2026-06-15T09:00:00.000Z',
    data: {
      title: 'Exemplo: Licença de construção',
      department: 'Obras e urbanismo',
      summary: 'Para construir, ampliar ou alterar uma casa ou outro edifício no distrito.',
      body: `1. Reúna os documentos e preencha o requerimento.\n2. Entregue o processo no atendimento da Câmara.\n3. Os serviços técnicos analisam o projeto e visitam o terreno.\n4. Depois de aprovado e pago, levante a licença.\n\n${sampleNotice}`,
      requirements: ['Documento de identificação', 'Título ou declaração de posse do terreno', 'Projeto ou croqui da obra'],
      fee: 'A preencher',
      processingTime: 'A preencher',
      sample: true,
    },
  },
  {
    collection: 'services',
    slug: 'exemplo-licenca-para-venda-no-mercado',
    publishedAt: '2026-06-15T09:10:00.000Z',
    data: {
      title: 'Exemplo: Licença para venda no mercado',
      department: 'Mercados e feiras',
      summary: 'Para ocupar uma banca no mercado ou vender em feiras organizadas pela Câmara.',
      body: `Indique o tipo de produto e o espaço pretendido. Se houver mais pedidos do que bancas, aplica-se o regulamento dos mercados.\n\n${sampleNotice}`,
      requirements: ['Documento de identificação', 'Requerimento preenchido'],
      fee: 'A preencher',
      sample: true,
    },
  },
  {
    collection: 'services',
    slug: 'exemplo-recolha-de-residuos-volumosos',
    publishedAt: '2026-06-16T09:00:00.000Z',
    data: {
      title: 'Exemplo: Recolha de resíduos volumosos',
      department: 'Ambiente e saneamento',
      summary: 'Para entregar móveis, eletrodomésticos e restos de jardim que não cabem nos contentores.',
      body: `Peça a recolha antes de pôr os objetos na rua. Os serviços confirmam o dia e o local onde os deve deixar.\n\n${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'services',
    slug: 'exemplo-apoio-social',
    publishedAt: '2026-06-17T09:00:00.000Z',
    data: {
      title: 'Exemplo: Pedido de apoio social',
      department: 'Ação social',
      summary: 'Para famílias, idosos e pessoas com deficiência que precisem de acompanhamento ou de apoio pontual.',
      body: `O atendimento é reservado. Um técnico ouve o pedido, avalia a situação com a família e encaminha para o apoio adequado.\n\n${sampleNotice}`,
      requirements: ['Documento de identificação', 'Declaração de residência'],
      sample: true,
    },
  },

  // Equipa
  {
    collection: 'team',
    slug: 'exemplo-presidente-da-camara',
    publishedAt: '2026-06-01T09:00:00.000Z',
    data: {
      title: 'Exemplo: Presidente da Câmara',
      name: '(a preencher)',
      department: 'Presidência',
      bio: `Dirige a Câmara, representa o distrito e coordena os vereadores. ${sampleNotice}`,
      position: 1,
      sample: true,
    },
  },
  {
    collection: 'team',
    slug: 'exemplo-vereador-das-obras',
    publishedAt: '2026-06-01T09:05:00.000Z',
    data: {
      title: 'Exemplo: Vereador das Obras e Urbanismo',
      name: '(a preencher)',
      department: 'Obras e urbanismo',
      bio: `Acompanha as obras, os caminhos e o licenciamento. ${sampleNotice}`,
      position: 2,
      sample: true,
    },
  },
  {
    collection: 'team',
    slug: 'exemplo-vereador-da-cultura-e-turismo',
    publishedAt: '2026-06-01T09:10:00.000Z',
    data: {
      title: 'Exemplo: Vereador da Cultura e Turismo',
      name: '(a preencher)',
      department: 'Cultura e turismo',
      bio: `Acompanha o património, as festas e os roteiros do distrito. ${sampleNotice}`,
      position: 3,
      sample: true,
    },
  },
  {
    collection: 'team',
    slug: 'exemplo-secretario-da-camara',
    publishedAt: '2026-06-01T09:15:00.000Z',
    data: {
      title: 'Exemplo: Secretário da Câmara',
      name: '(a preencher)',
      department: 'Administração',
      bio: `Dirige os serviços administrativos e o atendimento. ${sampleNotice}`,
      position: 4,
      sample: true,
    },
  },

  // Roteiros turísticos
  {
    collection: 'tours',
    slug: 'exemplo-rota-do-cafe',
    publishedAt: '2026-06-20T10:00:00.000Z',
    data: {
      title: 'Exemplo: Rota do café',
      summary: 'Da cidade da Trindade às encostas de Monte Café, entre cafezais, sombra e casas de roça.',
      body: `O percurso sobe da Trindade até à antiga roça de Monte Café. Pelo caminho veem-se cafezais à sombra de árvores altas e a vida das comunidades que cresceram à volta da roça. Em Monte Café visita-se o que conta a história do café e prova-se uma chávena.\n\n${sampleNotice}`,
      start: 'Trindade',
      difficulty: 'Fácil',
      highlights: ['Centro da Trindade', 'Roça Monte Café', 'Prova de café'],
      sample: true,
    },
  },
  {
    collection: 'tours',
    slug: 'exemplo-cascata-de-sao-nicolau',
    publishedAt: '2026-07-18T10:00:00.000Z',
    data: {
      title: 'Exemplo: Cascata de São Nicolau',
      summary: 'Um passeio curto até uma queda de água rodeada de verde, na zona alta do distrito.',
      body: `A estrada que sobe depois de Monte Café leva até perto da cascata. O chão é húmido e escorrega: leve calçado fechado e não deixe lixo no local. Na época das chuvas a queda tem mais água; informe-se antes sobre o estado do caminho.\n\n${sampleNotice}`,
      start: 'Monte Café',
      difficulty: 'Fácil',
      highlights: ['Cascata', 'Vegetação de altitude'],
      sample: true,
    },
  },
  {
    collection: 'tours',
    slug: 'exemplo-bom-sucesso-e-lagoa-amelia',
    publishedAt: '2026-09-03T10:00:00.000Z',
    data: {
      title: 'Exemplo: Do Bom Sucesso à Lagoa Amélia',
      summary: 'Caminhada na floresta, do jardim botânico do Bom Sucesso até à antiga cratera coberta de vegetação.',
      body: `O jardim botânico do Bom Sucesso é a porta de entrada para o Parque Natural Obô. Daí parte o trilho para a Lagoa Amélia, uma cratera onde a água está escondida sob um tapete de plantas. Vá com guia, leve água e agasalho e siga apenas pelo trilho.\n\n${sampleNotice}`,
      start: 'Jardim botânico do Bom Sucesso',
      difficulty: 'Moderada',
      highlights: ['Orquídeas e plantas medicinais', 'Observação de aves', 'Lagoa Amélia'],
      sample: true,
    },
  },

  // Orçamentos
  {
    collection: 'budgets',
    slug: 'exemplo-orcamento-2026',
    publishedAt: '2026-06-22T09:00:00.000Z',
    data: {
      title: 'Exemplo: Orçamento de 2026',
      year: 2026,
      stage: 'Aprovado',
      summary: `Lugar do orçamento em vigor: receitas, despesas e investimentos por área, com o ficheiro completo para descarregar. ${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'budgets',
    slug: 'exemplo-proposta-de-orcamento-2027',
    publishedAt: '2026-10-05T08:00:00.000Z',
    data: {
      title: 'Exemplo: Proposta de orçamento para 2027',
      year: 2027,
      stage: 'Consulta pública',
      summary: `Lugar da proposta em consulta, com as prioridades explicadas em linguagem simples. ${sampleNotice}`,
      sample: true,
    },
  },

  // Relatórios
  {
    collection: 'reports',
    slug: 'exemplo-relatorio-de-atividades-2025',
    publishedAt: '2026-06-29T09:00:00.000Z',
    data: {
      title: 'Exemplo: Relatório de atividades de 2025',
      year: 2025,
      kind: 'Atividades',
      period: 'Ano completo',
      summary: `Lugar do balanço do ano: o que estava previsto, o que se fez e o que ficou por fazer. ${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'reports',
    slug: 'exemplo-execucao-orcamental-1-semestre-2026',
    publishedAt: '2026-08-24T09:00:00.000Z',
    data: {
      title: 'Exemplo: Execução orçamental do 1.º semestre de 2026',
      year: 2026,
      kind: 'Execução orçamental',
      period: '1.º semestre',
      summary: `Lugar das contas do semestre: a receita cobrada e a despesa paga, comparadas com o previsto. ${sampleNotice}`,
      sample: true,
    },
  },

  // Documentos
  {
    collection: 'documents',
    slug: 'exemplo-regulamento-dos-mercados',
    publishedAt: '2026-06-24T09:00:00.000Z',
    data: {
      title: 'Exemplo: Regulamento dos mercados',
      kind: 'Regulamento',
      summary: `Lugar das regras de atribuição das bancas, dos horários e da higiene nos mercados do distrito. ${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'documents',
    slug: 'exemplo-edital-da-limpeza-de-terrenos',
    publishedAt: '2026-07-27T09:00:00.000Z',
    data: {
      title: 'Exemplo: Edital sobre a limpeza de terrenos',
      kind: 'Edital',
      summary: `Lugar do edital que lembra aos proprietários o dever de manter os terrenos limpos. ${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'documents',
    slug: 'exemplo-requerimento-geral',
    publishedAt: '2026-09-21T09:00:00.000Z',
    data: {
      title: 'Exemplo: Requerimento geral',
      kind: 'Formulário',
      summary: `Lugar do formulário para pedidos que não têm impresso próprio. ${sampleNotice}`,
      sample: true,
    },
  },

  // Vídeos
  {
    collection: 'videos',
    slug: 'exemplo-um-dia-na-trindade',
    publishedAt: '2026-07-10T15:00:00.000Z',
    data: {
      title: 'Exemplo: Um dia na Trindade',
      url: 'https://example.org/videos/um-dia-na-trindade',
      summary: `O mercado, a praça e as pessoas da sede do distrito, da manhã ao fim da tarde. ${sampleNotice}`,
      sample: true,
    },
  },
  {
    collection: 'videos',
    slug: 'exemplo-cascatas-de-me-zochi',
    publishedAt: '2026-10-19T15:00:00.000Z',
    data: {
      title: 'Exemplo: As cascatas de Mé-Zóchi',
      url: 'https://example.org/videos/cascatas-de-me-zochi',
      summary: `Água, floresta e trilhos nas terras altas do distrito. ${sampleNotice}`,
      sample: true,
    },
  },

  // Parceiros
  {
    collection: 'partners',
    slug: 'exemplo-organizacao-parceira',
    publishedAt: '2026-06-03T09:00:00.000Z',
    data: {
      title: 'Exemplo: Organização parceira',
      kind: 'Sociedade civil',
      summary: `Lugar de uma organização que trabalha com a Câmara na educação ambiental. ${sampleNotice}`,
      website: 'https://example.org',
      sample: true,
    },
  },
  {
    collection: 'partners',
    slug: 'exemplo-municipio-geminado',
    publishedAt: '2026-06-03T09:05:00.000Z',
    data: {
      title: 'Exemplo: Município geminado',
      kind: 'Cooperação internacional',
      summary: `Lugar de um município de outro país com quem o distrito troca experiências. ${sampleNotice}`,
      website: 'https://example.org',
      sample: true,
    },
  },
]
