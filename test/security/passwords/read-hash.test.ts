import { test } from 'tap'
import { fromFirebase } from '../../../src/security/passwords/firebase-scrypt.ts'
import { readHash } from '../../../src/security/passwords/read-hash.ts'

const accented = 'Água de São Tomé 7'
const plain = 'correct horse battery'

/** Public, from the documentation of Firebase's scrypt (github.com/firebase/scrypt). */
const firebaseProject = {
  signerKey: 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
  saltSeparator: 'Bw==',
  rounds: 8,
  memoryCost: 14,
}
const firebaseUser = {
  salt: '42xEC+ixf3L2lw==',
  passwordHash: 'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
}

/**
 * [what, its password, the hash]. Django: `django.contrib.auth.hashers.make_password(password, hasher=…)` of Django 5.2.19 with its default costs, with
 * argon2-cffi 25.1.0 and bcrypt 5.0.0. Argon2: `argon2.PasswordHasher(time_cost=3, memory_cost=8192, parallelism=2, type=…)`, and for version 1.0
 * `low_level.hash_secret(…, version=0x10)`. bcrypt: `bcrypt.hashpw` of bcrypt 5.0.0 for Python, cost 6; 2y is the 2b one under the name PHP gives it.
 * PHC scrypt: `passlib.hash.scrypt.using(…)` of passlib 1.7.4.
 */
const vectors: [what: string, password: string, hash: string][] = [
  ['Django PBKDF2', accented, 'pbkdf2_sha256$1000000$crBBP2mbPtYiDrSlSlco3q$wQrNZd/YB1Sq3PD4J4QmRwkQtlSLXuB4ji+iq9RN9ZM='],
  ['Django PBKDF2', plain, 'pbkdf2_sha256$1000000$XaUVr8KOMeiweHoBjEHuXv$SnX3+SPt5uLWwY8/2AEFDynq+gl5YFOk72tZQNPPwnc='],
  ['Django PBKDF2 with SHA-1', accented, 'pbkdf2_sha1$1000000$F7FFHCLITcnc2jhZtbMIRk$dd3Qho3M6gRbdDOYxnYBjwbGoVo='],
  ['Django Argon2', accented, 'argon2$argon2id$v=19$m=102400,t=2,p=8$NlFsOVR6aWI1ZFJIbUh6WVBFMFlVZg$Cc4w5Kjxk7P2CTI2sj6MFZu4wWdu94uthl4dHEKGZrQ'],
  ['Django Argon2', plain, 'argon2$argon2id$v=19$m=102400,t=2,p=8$eU02VDljRXZsYWJwN1BwekNobGQ5Rg$8MKHXvCTzCs0WqhqVY8ssHApjdD36x7l17moA0d7+Tg'],
  ['Django bcrypt after SHA-256', accented, 'bcrypt_sha256$$2b$12$ywXpl3Xwq4AEAWoqH.768eJxrrNQEvPJBF1VMu4evoGJAxmo9nimO'],
  ['Django bcrypt after SHA-256, 120 bytes', 'ã'.repeat(60), 'bcrypt_sha256$$2b$12$8x.TVsKwYC4EZebrefeRP.GYiCq4YPOf.jjPojQpAOKX1rqMErvCG'],
  ['Django bcrypt', accented, 'bcrypt$$2b$12$Z.4q0h/v0lCyL/7.r0Jzy.bZYs.R8Xv37S5Ll4AMQ9aI2CaQLbP1K'],
  [
    'Django scrypt',
    accented,
    'scrypt$16384$aAIPyxUPCCBYLHPqJwTqpP$8$5$YRBBStOGgdDlZ7xzf87thRPznxnev3DOe3Mh38SkgfHeIUBctEO9NFa3XBVIaGANnQXdR86oqeITKQmKM6wl1w==',
  ],
  ['Argon2i', accented, '$argon2i$v=19$m=8192,t=3,p=2$HRouvAJlUSkW4W4gVtw05w$RjJRIEdX5o8iDyPjPInIIfNIFNM9h/XcA47bbrt5RKo'],
  ['Argon2d', accented, '$argon2d$v=19$m=8192,t=3,p=2$vnDomzuEtOzbA9pcBejnNA$irfR1ZmJRVZMks84dEt3irWwm3TrkYuCmhEl2utquew'],
  ['Argon2id', accented, '$argon2id$v=19$m=8192,t=3,p=2$ayQd+Wz6eJIex0I2s7In1Q$ecUlNLY3Xpt16VrZ/DLY2ZdeVH27NWFX/Ss024GQzTE'],
  ['Argon2 1.0', accented, '$argon2i$v=16$m=4096,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$pXzJ+LzaI0CYBVVj7uzbijlAXxb/4V7BdxRoZJmxgBw'],
  ['Argon2 1.0 that does not say so', accented, '$argon2i$m=4096,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$pXzJ+LzaI0CYBVVj7uzbijlAXxb/4V7BdxRoZJmxgBw'],
  ['bcrypt 2a', plain, '$2a$06$5mWCpByRfJ7GiEQ05u614Oozay9x/H6iYmY1J/PdIUWmUPvWJUGbC'],
  ['bcrypt 2a', accented, '$2a$06$lZakrK38YQT3oEIMBWmrauYpyvsS/OtlOFHAsyLs5s659MhaZ2C06'],
  ['bcrypt 2b', accented, '$2b$06$7Z.Q2dzCpoZC2gxVgLc63e/ezZDWBuZF3se.2tJqSz0n1yK3UE/9m'],
  ['bcrypt 2y', accented, '$2y$06$7Z.Q2dzCpoZC2gxVgLc63e/ezZDWBuZF3se.2tJqSz0n1yK3UE/9m'],
  ['bcrypt of 72 bytes', 'x'.repeat(72), '$2b$06$YkE0Hzw4NMTDZobf3rFQ3OLNeEpNhq1aI0u0xu7Y4E2ZCfRsBaUei'],
  ['scrypt', accented, '$scrypt$ln=12,r=8,p=1$37tXKuWcs/Z+LwXA2DsnBA$kbImfAWgNcUh8IE5L+Gj51PeiAHRFJEvswIX8yj7ekM'],
  ['scrypt with two lanes', plain, '$scrypt$ln=14,r=8,p=2$2hvj/J+zNuYcozSmlNIaow$2TYdqw5zLzeeiTqfwgeszOcvMa5N8Z5nAByJbFtXEb0'],
  ['Firebase', 'user1password', fromFirebase(firebaseUser, firebaseProject)],
]

test('a hash that another system made verifies its password and no other, and is outdated', async (t) => {
  for (const [what, password, stored] of vectors) {
    const hash = readHash(stored)
    t.equal(await hash?.verify(password), true, what)
    t.equal(hash?.outdated, true)
    const wrong = `${password.slice(0, -1)}8`
    t.equal(await hash?.verify(wrong), false, `${what}, another password`)
    t.equal(await hash?.verify(''), false, `${what}, none`)
  }
})

test('bcrypt sees 72 bytes, cut in the middle of a letter if need be, and after SHA-256 all of them', async (t) => {
  // bcrypt.hashpw(('x' * 71 + 'ÿ').encode()[:72], …): bcrypt 5 for Python no longer cuts by itself, those before it did.
  const cut = readHash('$2b$06$oAbh3MlDplgMmbRkSS5vDegU3jgslsOROnHaDmhf5HZbskmoU32oi')
  t.equal(await cut?.verify(`${'x'.repeat(71)}ÿ`), true)
  t.equal(await cut?.verify(`${'x'.repeat(71)}ÿ and more`), true)
  t.equal(await cut?.verify('x'.repeat(72)), false)
  const whole = readHash('bcrypt_sha256$$2b$12$8x.TVsKwYC4EZebrefeRP.GYiCq4YPOf.jjPojQpAOKX1rqMErvCG')
  t.equal(await whole?.verify('ã'.repeat(61)), false)
})

test("a Firebase hash is stored without the project's signer key", (t) => {
  const stored = fromFirebase(firebaseUser, firebaseProject)
  t.match(stored, /^\$firebase-scrypt\$ln=14,r=8\$42xEC\+ixf3L2lwc\$[A-Za-z0-9+/]{86}$/)
  t.notOk(stored.includes(firebaseProject.signerKey.slice(0, 20)) || stored.includes(firebaseUser.passwordHash.slice(0, 20)))
  t.throws(() => fromFirebase({ ...firebaseUser, passwordHash: 'AAAA' }, firebaseProject), TypeError)
  t.throws(() => fromFirebase(firebaseUser, { ...firebaseProject, signerKey: '' }), TypeError)
  t.end()
})

test('malformed hashes are read by no format', (t) => {
  for (const [, , stored] of vectors) {
    const broken = [
      stored.slice(0, -1),
      stored.slice(1),
      `${stored}\n`,
      `${stored}!`,
      stored.replaceAll('$', ' '),
      stored.replace(/\d/, 'x'),
      `${stored}$`,
    ]
    for (const text of broken) t.equal(readHash(text), undefined, text)
  }
  const others = [
    '',
    '!',
    'plain text',
    '$2x$06$7Z.Q2dzCpoZC2gxVgLc63e/ezZDWBuZF3se.2tJqSz0n1yK3UE/9m',
    '$1$salt$hash',
    'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99',
    'pbkdf2_sha256$1000$salt$AAAA',
    '$argon2id$v=19$m=8,t=1,p=4$MDEyMzQ1Njc4OWFiY2RlZg$pXzJ+LzaI0CYBVVj7uzbijlAXxb/4V7BdxRoZJmxgBw',
    'x'.repeat(100_000),
    `pbkdf2_sha256$1$${'s'.repeat(100_000)}$cWFXbXQ7cKQbmMFMyTjK2g4AcqYQh0WwNXhQ1J0m0nY=`,
  ]
  for (const text of others) t.equal(readHash(text), undefined, text.slice(0, 80))
  t.end()
})

test('costs that would eat the machine are refused without any work, and those just below are read', (t) => {
  const salt = 'MDEyMzQ1Njc4OWFiY2RlZg'
  const hash = 'pXzJ+LzaI0CYBVVj7uzbijlAXxb/4V7BdxRoZJmxgBw'
  const bounded: [absurd: string[], sound: string][] = [
    [['0', '2000001', '99999999', '4294967296'].map((count) => `pbkdf2_sha256$${count}$salt$${hash}=`), `pbkdf2_sha256$2000000$salt$${hash}=`],
    [
      ['m=131073,t=1,p=1', 'm=4194304,t=1,p=1', 'm=131072,t=5,p=1', 'm=8,t=65537,p=1', 'm=1024,t=1,p=17', 'm=65536,t=0,p=1'].map(
        (costs) => `$argon2id$v=19$${costs}$${salt}$${hash}`,
      ),
      `$argon2id$v=19$m=131072,t=4,p=1$${salt}$${hash}`,
    ],
    [
      ['ln=18,r=8,p=1', 'ln=17,r=8,p=3', 'ln=62,r=8,p=1', 'ln=14,r=8,p=17', 'ln=14,r=999,p=1', 'ln=0,r=8,p=1', 'ln=14,r=0,p=1', 'ln=14,r=8,p=0'].map(
        (costs) => `$scrypt$${costs}$${salt}$${hash}`,
      ),
      `$scrypt$ln=17,r=8,p=1$${salt}$${hash}`,
    ],
    [['16383', '262144', '99999999', '0', '1'].map((n) => `scrypt$${n}$salt$8$1$${hash}=`), `scrypt$131072$salt$8$1$${hash}=`],
    [
      ['ln=18,r=8', 'ln=99,r=8', 'ln=14,r=0'].map((costs) => `$firebase-scrypt$${costs}$${salt}$${hash}`),
      `$firebase-scrypt$ln=14,r=8$${salt}$${hash}`,
    ],
    [
      ['03', '15', '31', '99'].map((cost) => `$2b$${cost}$7Z.Q2dzCpoZC2gxVgLc63e/ezZDWBuZF3se.2tJqSz0n1yK3UE/9m`),
      '$2b$14$7Z.Q2dzCpoZC2gxVgLc63e/ezZDWBuZF3se.2tJqSz0n1yK3UE/9m',
    ],
  ]
  for (const [absurd, sound] of bounded) {
    for (const text of absurd) t.equal(readHash(text), undefined, text)
    t.ok(readHash(sound), sound)
  }
  t.end()
})
