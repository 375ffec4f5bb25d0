import t from 'tap'
import { describePlace } from '../../../src/auth/sessions/place.ts'

t.test('a place is a country in the language asked, or words that say there is none', (t) => {
  t.equal(describePlace('ST', 'pt'), 'São Tomé e Príncipe')
  t.equal(describePlace('VN', 'pt'), 'Vietname', 'as in Portugal, not in Brazil')
  t.equal(describePlace('ST', 'fr'), 'Sao Tomé-et-Principe')
  t.equal(describePlace('DE', 'en'), 'Germany')
  t.equal(describePlace('local', 'pt'), 'rede local')
  t.equal(describePlace('unknown', 'fr'), 'lieu inconnu')
  t.equal(describePlace('QX', 'en'), 'unknown place', 'a code without a name')
  t.end()
})
