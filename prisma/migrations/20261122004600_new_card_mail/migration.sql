-- A card that was replaced is mailed to whoever proved the address.
alter table mail_request drop constraint mail_request_kind_check;
alter table mail_request add constraint mail_request_kind_check check (
  kind in ('email-proof', 'known-address', 'address-changed', 'new-card', 'contact-code', 'download-code', 'erasure-code')
);
