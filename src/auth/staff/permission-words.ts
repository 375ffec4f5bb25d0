import type { Language } from '../../tenancy/language.ts'
import type { Permission, platformPermissions } from '../../tenancy/permissions.ts'

/** What each permission allows, for whoever puts a role together. */
export const permissionWords: Record<Permission | (typeof platformPermissions)[number], Record<Language, string>> = {
  'site:read': { pt: 'Ver as definições do site', en: "See the site's settings", fr: 'Voir les réglages du site' },
  'site:write': {
    pt: 'Alterar as definições do site, também como se entra nele',
    en: "Change the site's settings, also how people sign in",
    fr: 'Modifier les réglages du site, y compris la façon de s’y connecter',
  },
  'members:read': { pt: 'Ver os membros e os convites', en: 'See members and invitations', fr: 'Voir les membres et les invitations' },
  'members:write': {
    pt: 'Convidar membros, desativá-los e alterar as suas funções',
    en: 'Invite members, deactivate them and change their roles',
    fr: 'Inviter des membres, les désactiver et modifier leurs rôles',
  },
  'roles:read': { pt: 'Ver as funções e o que permitem', en: 'See roles and what they allow', fr: 'Voir les rôles et ce qu’ils permettent' },
  'roles:write': { pt: 'Criar, alterar e remover funções', en: 'Add, change and remove roles', fr: 'Créer, modifier et supprimer des rôles' },
  'content:read': {
    pt: 'Ver todo o conteúdo, também os rascunhos',
    en: 'See all content, drafts too',
    fr: 'Voir tout le contenu, y compris les brouillons',
  },
  'content:write': { pt: 'Criar e alterar conteúdo', en: 'Write and change content', fr: 'Créer et modifier du contenu' },
  'content:publish': { pt: 'Publicar conteúdo e retirá-lo', en: 'Publish content and take it back', fr: 'Publier du contenu et le retirer' },
  'media:read': { pt: 'Ver os ficheiros carregados', en: 'See uploaded files', fr: 'Voir les fichiers envoyés' },
  'media:write': { pt: 'Carregar e remover ficheiros', en: 'Upload and remove files', fr: 'Envoyer et supprimer des fichiers' },
  'mail:read': {
    pt: 'Ver a conta de correio, os textos e as mensagens enviadas',
    en: 'See the mail account, the texts and what was sent',
    fr: 'Voir le compte de messagerie, les textes et les messages envoyés',
  },
  'mail:write': {
    pt: 'Configurar a conta de correio e alterar os textos',
    en: 'Set up the mail account and change the texts',
    fr: 'Configurer le compte de messagerie et modifier les textes',
  },
  'keys:write': {
    pt: 'Gerir chaves de API e de assinatura',
    en: 'Manage API keys and signing keys',
    fr: 'Gérer les clés d’API et de signature',
  },
  'audit:read': { pt: 'Ver quem fez o quê no site', en: 'See who did what on the site', fr: 'Voir qui a fait quoi sur le site' },
  'tenants:read': { pt: 'Ver os sites da plataforma', en: 'See the sites of the hub', fr: 'Voir les sites de la plateforme' },
  'tenants:write': {
    pt: 'Criar, suspender e alterar sites da plataforma',
    en: 'Add, suspend and change sites of the hub',
    fr: 'Créer, suspendre et modifier les sites de la plateforme',
  },
  'operators:write': {
    pt: 'Entrar num site em nome de um dos seus membros',
    en: 'Act in a site as one of its members',
    fr: 'Agir dans un site au nom de l’un de ses membres',
  },
}
