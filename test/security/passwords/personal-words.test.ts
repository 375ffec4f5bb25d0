import { test } from 'tap'
import { isPersonal } from '../../../src/security/passwords/personal-words.ts'

const known = ['maria.silva@people.example', 'Maria José da Silva', 'Câmara Distrital de Mé-Zóchi'.replaceAll(/[^\p{L}]/gu, ''), 'Rui']

test('the name, the address and its parts, and the site in any spelling are personal', (t) => {
  for (const password of [
    'maria.silva@people.example',
    'Maria Silva 1984',
    'MARIA-SILVA-1984',
    'my name is maria',
    'silvasilva12',
    'câmaradistritaldemézóchi',
    'Camara Distrital de Me Zochi!',
    'Rui Rui Rui 1',
    'rui1234567',
    'José2024!!',
  ]) {
    t.equal(isPersonal(password, known), true, password)
  }
  t.end()
})

test('a short name in a longer sentence is not, nor are words of others', (t) => {
  for (const password of ['correct horse battery', 'the ruins of an old mill', 'rui and eleven more', 'distrital camara', 'mário gosta de mangas']) {
    t.equal(isPersonal(password, known), false, password)
  }
  t.equal(isPersonal('correct horse battery', []), false)
  t.equal(isPersonal('correct horse battery', ['', 'a', '@', '...']), false)
  t.end()
})
