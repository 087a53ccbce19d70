/**
 * What can be pressed on the pages of the admin, by the file of the route, and what it takes: by hand, the other side of the
 * controls themselves. A control without a line fails the test. `everybody` changes nothing but the page one looks at.
 */
import type { Permission } from '#app/domain/access/permissions.ts';

export type ControlLine = Permission | 'everybody';

/** A name that ends with … stands for all that begin like it. */
export const controlTable: Record<string, Record<string, ControlLine>> = {
  'app.program': {
    Publish: 'program:publish',
    'Add a program': 'program:write',
    'Save draft': 'program:write',
    'More actions': 'everybody',
    'Move the rule …': 'program:write',
    'Remove the rule …': 'program:write',
    'Add a condition or limit': 'program:write',
    'Name, rounding and other currencies': 'program:write',
    Name: 'program:write',
    'Add a rule': 'program:write',
  },
  'app.program.simulate': { Start: 'program:write', Publish: 'program:publish' },
  'app.program.versions.$number': { 'Roll back to this version': 'program:publish' },
  'app.card': {
    Publish: 'card:publish',
    'Try it on your phone': 'card:write',
    'More actions': 'everybody',
    Forest: 'card:write',
    'Coffee house': 'card:write',
    Bakery: 'card:write',
    'Flower shop': 'card:write',
    'Pet shop': 'card:write',
    Barber: 'card:write',
    Boutique: 'card:write',
    Night: 'card:write',
  },
  'app.members': { Search: 'everybody' },
  'app.members.$memberId': {
    'Adjust balance': 'ledger:adjust',
    'Show in full': 'members:unmask',
    'Freeze card': 'members:write',
    'Replace card': 'members:write',
    'Copy of their data': 'privacy:write',
    'Correct details': 'privacy:write',
    'Stop using the data': 'privacy:write',
    'No marketing': 'privacy:write',
    'Erase member': 'privacy:write',
  },
  'app.liability': { 'Download …': 'exports:create' },
  'app.campaigns.new': { Save: 'campaigns:write' },
  'app.campaigns.$campaignId': {
    Save: 'campaigns:write',
    Forecast: 'campaigns:write',
    Delete: 'campaigns:write',
    Start: 'campaigns:send',
    'More actions': 'everybody',
  },
  'app.freshness': { 'Send all again': 'members:write', 'Send again: …': 'members:write' },
  'app.certificates': { 'Make a request: a new certificate': 'keys:write', 'Check and add': 'keys:write' },
  'app.privacy': { 'Try again: …': 'privacy:write' },
  'app.consents': {
    'Verify the log now': 'privacy:read',
    'Download the roots': 'exports:create',
  },
  'app.retention': {
    'Change: …': 'privacy:write',
    'Count now': 'privacy:write',
    'Download the signed report': 'exports:create',
  },
  'app.audit': { 'Check the whole log': 'audit:read', 'Download as …': 'exports:create', Find: 'everybody' },
  'app.security': {
    'More actions': 'everybody',
    'Pause all rewards': 'incidents:write',
    Save: 'security:write',
    'Save this place': 'security:write',
    'Plant two traps': 'security:write',
  },
  'app.incidents': { 'More actions': 'everybody', 'Open an incident': 'incidents:write' },
  'app.incidents.$incidentId': {
    'I take this on': 'incidents:write',
    'Data of people leaked: start the 72 hours': 'incidents:write',
    'Stop it now': 'incidents:write',
    Add: 'incidents:write',
    'Close the incident': 'incidents:write',
    'Download the signed report': 'exports:create',
  },
  'app.trust': { 'Accept version …': 'trust:write', 'Download the evidence': 'exports:create' },
  'app.staff': {
    'Change PIN': 'everybody',
    'I forgot my PIN': 'everybody',
    'Add a person': 'staff:write',
    'Change Shopify user …': 'staff:write',
    'Take away the PIN of …': 'staff:write',
    'Remove Shopify user …': 'staff:write',
    Save: 'staff:write',
    'Sign the review': 'staff:read',
    'Download the list (CSV)': 'exports:create',
  },
  'app.keys': { 'Replace the data key': 'keys:write', 'Replace the link key': 'keys:write' },
  'app.keys.clients': { 'New client': 'keys:write' },
  'app.support': { 'Let support in': 'security:write' },
  'app.welcome.$step': { Next: 'setup:write' },
};
