-- Under load the deliveries of several requests are stored by one statement and one commit. Sorted, so that two
-- processes that were told the same things in another order never wait for each other in a circle.
create function receive_deliveries(
  to_shops uuid[], deliveries text[], topics text[], states text[], thins text[], identities bytea[], troubles text[],
  ats timestamptz[]
) returns void
language plpgsql as $$
declare
  to_shop uuid;
begin
  for to_shop in select distinct s from unnest(to_shops) s order by s loop
    perform set_config('app.shop_id', to_shop::text, true);
    insert into inbox (shop_id, webhook_id, topic, state, projection, sealed, problem, triggered_at)
    select d.shop, d.delivery, d.topic, d.state, d.thin, d.identity, d.trouble, d.at
    from unnest(to_shops, deliveries, topics, states, thins, identities, troubles, ats)
      as d(shop, delivery, topic, state, thin, identity, trouble, at)
    where d.shop = to_shop order by d.delivery
    on conflict (shop_id, webhook_id) do nothing;
  end loop;
end $$;
revoke all on function receive_deliveries(uuid[], text[], text[], text[], text[], bytea[], text[], timestamptz[]) from public;
grant execute on function receive_deliveries(uuid[], text[], text[], text[], text[], bytea[], text[], timestamptz[])
  to stampwell_web, stampwell_worker;
