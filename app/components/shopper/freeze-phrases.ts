/** What the card page says about freezing, and about links that open nothing any more. */
import type { Language } from '#app/domain/members/languages.ts';

type FreezePhrases = {
  lost: string;
  lostHint: string;
  freeze: string;
  frozenTitle: string;
  frozen: string;
  frozenByShop: string;
  unfreeze: string;
  expiredTitle: string;
  expired: string;
  replacedTitle: string;
  replaced: string;
};

export const freezePhrases: Record<Language, FreezePhrases> = {
  en: {
    lost: 'Lost your phone?',
    lostHint:
      'Freeze the card, and nobody can collect or redeem by it. Your balance is kept, and you can unfreeze it here at any time. For a new card, ask the shop.',
    freeze: 'Freeze my card',
    frozenTitle: 'This card is frozen',
    frozen: 'Nothing can be collected or redeemed by it. Your balance is kept.',
    frozenByShop: 'The shop froze this card. Your balance is kept. Please ask at the till.',
    unfreeze: 'Unfreeze my card',
    expiredTitle: 'This link is too old',
    expired:
      'The card itself is not lost. Open it in your phone’s wallet: the link on its back is always new. Or join again with the same e-mail address, or ask the shop for a new link.',
    replacedTitle: 'This card was replaced',
    replaced: 'Nothing of it is lost: the balance is on the new card. Please ask the shop for its link.',
  },
  de: {
    lost: 'Handy verloren?',
    lostHint:
      'Sperre die Karte, dann kann niemand damit sammeln oder einlösen. Dein Guthaben bleibt, und du kannst sie hier jederzeit wieder freigeben. Eine neue Karte gibt dir der Laden.',
    freeze: 'Karte sperren',
    frozenTitle: 'Diese Karte ist gesperrt',
    frozen: 'Mit ihr kann weder gesammelt noch eingelöst werden. Dein Guthaben bleibt erhalten.',
    frozenByShop: 'Der Laden hat diese Karte gesperrt. Dein Guthaben bleibt erhalten. Bitte frag an der Kasse nach.',
    unfreeze: 'Karte freigeben',
    expiredTitle: 'Dieser Link ist zu alt',
    expired:
      'Die Karte selbst ist nicht verloren. Öffne sie im Wallet deines Handys: Der Link auf der Rückseite ist immer neu. Oder melde dich noch einmal mit derselben E-Mail-Adresse an, oder frag im Laden nach einem neuen Link.',
    replacedTitle: 'Diese Karte wurde ersetzt',
    replaced: 'Nichts ist verloren: Das Guthaben ist auf der neuen Karte. Bitte frag im Laden nach ihrem Link.',
  },
  fr: {
    lost: 'Téléphone perdu ?',
    lostHint:
      'Bloquez la carte : personne ne pourra cumuler ni utiliser avec elle. Votre solde est conservé et vous pouvez la débloquer ici à tout moment. Pour une nouvelle carte, adressez-vous à la boutique.',
    freeze: 'Bloquer ma carte',
    frozenTitle: 'Cette carte est bloquée',
    frozen: 'On ne peut ni cumuler ni utiliser avec elle. Votre solde est conservé.',
    frozenByShop: 'La boutique a bloqué cette carte. Votre solde est conservé. Adressez-vous à la caisse.',
    unfreeze: 'Débloquer ma carte',
    expiredTitle: 'Ce lien est trop ancien',
    expired:
      'La carte n’est pas perdue. Ouvrez-la dans le portefeuille de votre téléphone : le lien au dos est toujours à jour. Ou inscrivez-vous de nouveau avec la même adresse e-mail, ou demandez un nouveau lien à la boutique.',
    replacedTitle: 'Cette carte a été remplacée',
    replaced: 'Rien n’est perdu : le solde est sur la nouvelle carte. Demandez son lien à la boutique.',
  },
  es: {
    lost: '¿Has perdido el teléfono?',
    lostHint:
      'Bloquea la tarjeta y nadie podrá acumular ni canjear con ella. Tu saldo se conserva y puedes desbloquearla aquí cuando quieras. Para una tarjeta nueva, pregunta en la tienda.',
    freeze: 'Bloquear mi tarjeta',
    frozenTitle: 'Esta tarjeta está bloqueada',
    frozen: 'No se puede acumular ni canjear con ella. Tu saldo se conserva.',
    frozenByShop: 'La tienda bloqueó esta tarjeta. Tu saldo se conserva. Pregunta en la caja.',
    unfreeze: 'Desbloquear mi tarjeta',
    expiredTitle: 'Este enlace es demasiado antiguo',
    expired:
      'La tarjeta no se ha perdido. Ábrela en la cartera de tu teléfono: el enlace del reverso siempre está al día. O regístrate de nuevo con el mismo correo, o pide un enlace nuevo en la tienda.',
    replacedTitle: 'Esta tarjeta se sustituyó',
    replaced: 'No se ha perdido nada: el saldo está en la tarjeta nueva. Pide su enlace en la tienda.',
  },
  nl: {
    lost: 'Telefoon kwijt?',
    lostHint:
      'Blokkeer de kaart, dan kan niemand ermee sparen of inwisselen. Je saldo blijft bewaard en je kunt haar hier altijd deblokkeren. Voor een nieuwe kaart vraag je de winkel.',
    freeze: 'Mijn kaart blokkeren',
    frozenTitle: 'Deze kaart is geblokkeerd',
    frozen: 'Er kan niet mee gespaard of ingewisseld worden. Je saldo blijft bewaard.',
    frozenByShop: 'De winkel heeft deze kaart geblokkeerd. Je saldo blijft bewaard. Vraag het aan de kassa.',
    unfreeze: 'Mijn kaart deblokkeren',
    expiredTitle: 'Deze link is te oud',
    expired:
      'De kaart zelf is niet weg. Open haar in de wallet van je telefoon: de link op de achterkant is altijd nieuw. Of meld je opnieuw aan met hetzelfde e-mailadres, of vraag de winkel om een nieuwe link.',
    replacedTitle: 'Deze kaart is vervangen',
    replaced: 'Er is niets weg: het saldo staat op de nieuwe kaart. Vraag de winkel om de link.',
  },
};
