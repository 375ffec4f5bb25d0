import { test } from 'tap'
import { renderLegalLinks } from '../../src/tenancy/legal-links.ts'

test('each legal page that there is has a link, in the language of the page', (t) => {
  const legal = { privacy: '/privacy', terms: null, imprint: 'https://a.example/' }
  t.same(renderLegalLinks(legal, 'en'), ['<a href="https://a.example/">Imprint</a>', '<a href="/privacy">Privacy</a>'])
  t.same(renderLegalLinks(legal, 'fr'), ['<a href="https://a.example/">Mentions légales</a>', '<a href="/privacy">Confidentialité</a>'])
  t.same(renderLegalLinks({ terms: '/terms' }, 'pt'), ['<a href="/terms">Termos</a>'])
  t.same(renderLegalLinks({ privacy: null, terms: null, imprint: null }, 'pt'), [])
  t.same(renderLegalLinks({}, 'pt'), [])
  t.end()
})

test('an address ends neither its attribute nor its link', (t) => {
  t.same(renderLegalLinks({ terms: `/"'><script>&` }, 'pt'), ['<a href="/&#34;&#39;&#62;&#60;script&#62;&#38;">Termos</a>'])
  t.end()
})
