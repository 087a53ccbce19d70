/**
 * Drafts of what the law wants said about a breach: to the authority (Art. 33 GDPR) and to the people concerned (Art. 34),
 * in the languages we speak. Figures are filled in; what only a person can know stands in brackets, to be written.
 */
import type { Language } from '#app/domain/members/languages.ts';

export type NoticeKind = 'authority' | 'people';

export type BreachFacts = {
  shopName: string;
  /** When it was noticed, as people of the shop read it. */
  noticedAt: string;
  /** The end of the 72 hours. */
  tellBy: string;
  members: number;
  /** Kinds of data, in the words of the data map: 'name', 'email' … */
  fields: readonly string[];
  /** What was done against it, in the order it was done. */
  measures: readonly string[];
  reference: string;
};

type Words = {
  authority: (facts: Filled) => string;
  people: (facts: Filled) => string;
  fields: Record<string, string>;
  none: string;
};
type Filled = Omit<BreachFacts, 'fields' | 'measures'> & { fields: string; measures: string };

const fieldsEnglish = { name: 'name', email: 'e-mail address', phone: 'phone number', birthday: 'birthday', balance: 'points and stamps', ledger: 'loyalty history', passes: 'card data', standing: 'loyalty standing' }; // prettier-ignore

const words: Record<Language, Words> = {
  en: {
    fields: fieldsEnglish,
    none: 'none yet',
    authority: (f) => `Notification of a personal data breach under Art. 33 GDPR

Controller: ${f.shopName}
Reference: ${f.reference}
Became aware: ${f.noticedAt}
Must be notified by: ${f.tellBy}

1. Nature of the breach
[What happened, and how]
People concerned: about ${f.members}. Records concerned: about ${f.members}.
Categories of data: ${f.fields}.

2. Contact
[Name and contact details of the data protection officer or another contact]

3. Likely consequences
[What may happen to the people concerned]

4. Measures taken
${f.measures}
[Measures proposed]

If this comes later than 72 hours after becoming aware: [reasons for the delay]`,
    people: (f) => `A note about your data at ${f.shopName}

We noticed on ${f.noticedAt} that somebody may have seen data of your loyalty card without permission.

What is concerned: ${f.fields}.
What may happen: [consequences in plain words]
What we did: ${f.measures}
What you can do: [advice, such as to watch for mails that pretend to come from us]

Questions: [contact]. Reference: ${f.reference}.`,
  },
  de: {
    fields: { name: 'Name', email: 'E-Mail-Adresse', phone: 'Telefonnummer', birthday: 'Geburtstag', balance: 'Punkte und Stempel', ledger: 'Verlauf des Treueprogramms', passes: 'Kartendaten', standing: 'Stand im Treueprogramm' }, // prettier-ignore
    none: 'noch keine',
    authority: (f) => `Meldung einer Verletzung des Schutzes personenbezogener Daten nach Art. 33 DSGVO

Verantwortlicher: ${f.shopName}
Aktenzeichen: ${f.reference}
Bekannt geworden: ${f.noticedAt}
Zu melden bis: ${f.tellBy}

1. Art der Verletzung
[Was geschehen ist und wie]
Betroffene Personen: etwa ${f.members}. Betroffene Datensätze: etwa ${f.members}.
Kategorien der Daten: ${f.fields}.

2. Kontakt
[Name und Kontaktdaten der oder des Datenschutzbeauftragten oder einer anderen Anlaufstelle]

3. Wahrscheinliche Folgen
[Was den betroffenen Personen geschehen kann]

4. Ergriffene Maßnahmen
${f.measures}
[Vorgeschlagene Maßnahmen]

Falls später als 72 Stunden nach Bekanntwerden: [Gründe der Verzögerung]`,
    people: (f) => `Ein Hinweis zu Ihren Daten bei ${f.shopName}

Wir haben am ${f.noticedAt} bemerkt, dass jemand unbefugt Daten Ihrer Treuekarte gesehen haben kann.

Betroffen sind: ${f.fields}.
Was geschehen kann: [Folgen in einfachen Worten]
Was wir getan haben: ${f.measures}
Was Sie tun können: [Rat, zum Beispiel auf E-Mails zu achten, die nur vorgeben, von uns zu sein]

Fragen: [Kontakt]. Aktenzeichen: ${f.reference}.`,
  },
  fr: {
    fields: { name: 'nom', email: 'adresse e-mail', phone: 'numéro de téléphone', birthday: 'anniversaire', balance: 'points et tampons', ledger: 'historique de fidélité', passes: 'données de la carte', standing: 'statut de fidélité' }, // prettier-ignore
    none: 'aucune pour le moment',
    authority: (f) => `Notification d’une violation de données à caractère personnel au titre de l’art. 33 du RGPD

Responsable du traitement : ${f.shopName}
Référence : ${f.reference}
Prise de connaissance : ${f.noticedAt}
À notifier avant le : ${f.tellBy}

1. Nature de la violation
[Ce qui s’est passé, et comment]
Personnes concernées : environ ${f.members}. Enregistrements concernés : environ ${f.members}.
Catégories de données : ${f.fields}.

2. Contact
[Nom et coordonnées du délégué à la protection des données ou d’un autre point de contact]

3. Conséquences probables
[Ce qui peut arriver aux personnes concernées]

4. Mesures prises
${f.measures}
[Mesures envisagées]

Si la notification a lieu plus de 72 heures après : [motifs du retard]`,
    people: (f) => `Une information sur vos données chez ${f.shopName}

Nous avons constaté le ${f.noticedAt} que quelqu’un a pu voir sans autorisation des données de votre carte de fidélité.

Données concernées : ${f.fields}.
Ce qui peut arriver : [conséquences en termes simples]
Ce que nous avons fait : ${f.measures}
Ce que vous pouvez faire : [conseil, par exemple se méfier des e-mails qui prétendent venir de nous]

Questions : [contact]. Référence : ${f.reference}.`,
  },
  es: {
    fields: { name: 'nombre', email: 'correo electrónico', phone: 'teléfono', birthday: 'cumpleaños', balance: 'puntos y sellos', ledger: 'historial de fidelidad', passes: 'datos de la tarjeta', standing: 'estado de fidelidad' }, // prettier-ignore
    none: 'ninguna todavía',
    authority: (f) => `Notificación de una violación de la seguridad de los datos personales según el art. 33 del RGPD

Responsable del tratamiento: ${f.shopName}
Referencia: ${f.reference}
Fecha en que se tuvo constancia: ${f.noticedAt}
Debe notificarse antes del: ${f.tellBy}

1. Naturaleza de la violación
[Qué ocurrió y cómo]
Personas afectadas: unas ${f.members}. Registros afectados: unos ${f.members}.
Categorías de datos: ${f.fields}.

2. Contacto
[Nombre y datos de contacto del delegado de protección de datos u otro punto de contacto]

3. Posibles consecuencias
[Qué puede ocurrir a las personas afectadas]

4. Medidas adoptadas
${f.measures}
[Medidas propuestas]

Si se notifica después de 72 horas: [motivos de la dilación]`,
    people: (f) => `Un aviso sobre sus datos en ${f.shopName}

El ${f.noticedAt} advertimos que alguien pudo ver sin permiso datos de su tarjeta de fidelidad.

Datos afectados: ${f.fields}.
Qué puede ocurrir: [consecuencias en palabras sencillas]
Qué hemos hecho: ${f.measures}
Qué puede hacer usted: [consejo, por ejemplo desconfiar de correos que dicen venir de nosotros]

Preguntas: [contacto]. Referencia: ${f.reference}.`,
  },
  nl: {
    fields: { name: 'naam', email: 'e-mailadres', phone: 'telefoonnummer', birthday: 'verjaardag', balance: 'punten en stempels', ledger: 'spaargeschiedenis', passes: 'kaartgegevens', standing: 'spaarstatus' }, // prettier-ignore
    none: 'nog geen',
    authority: (f) => `Melding van een inbreuk in verband met persoonsgegevens volgens art. 33 AVG

Verwerkingsverantwoordelijke: ${f.shopName}
Kenmerk: ${f.reference}
Bekend geworden: ${f.noticedAt}
Te melden vóór: ${f.tellBy}

1. Aard van de inbreuk
[Wat er is gebeurd, en hoe]
Betrokken personen: ongeveer ${f.members}. Betrokken gegevensrecords: ongeveer ${f.members}.
Soorten gegevens: ${f.fields}.

2. Contact
[Naam en contactgegevens van de functionaris voor gegevensbescherming of een ander contactpunt]

3. Waarschijnlijke gevolgen
[Wat de betrokken personen kan overkomen]

4. Genomen maatregelen
${f.measures}
[Voorgestelde maatregelen]

Bij melding later dan 72 uur: [redenen van de vertraging]`,
    people: (f) => `Een bericht over uw gegevens bij ${f.shopName}

Wij merkten op ${f.noticedAt} dat iemand zonder toestemming gegevens van uw spaarkaart kan hebben gezien.

Het gaat om: ${f.fields}.
Wat er kan gebeuren: [gevolgen in gewone woorden]
Wat wij hebben gedaan: ${f.measures}
Wat u kunt doen: [advies, bijvoorbeeld letten op e-mails die doen alsof ze van ons komen]

Vragen: [contact]. Kenmerk: ${f.reference}.`,
  },
};

/** One notice in one language. It names nobody. */
export function breachNotice(kind: NoticeKind, language: Language, facts: BreachFacts): string {
  const spoken = words[language];
  const fields = facts.fields.map((field) => spoken.fields[field] ?? field).join(', ');
  const measures = facts.measures.map((measure) => `- ${measure}`).join('\n');
  return spoken[kind]({
    ...facts,
    fields: fields === '' ? '–' : fields,
    measures: measures === '' ? spoken.none : measures,
  });
}
