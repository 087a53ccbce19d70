-- A logo is fetched by the hash of its content alone: pages show it without knowing whose it is.
create index shop_image_hash on shop_image (hash);

grant select (shop_id, hash) on shop_image to stampwell_directory;
create policy directory on shop_image for select to stampwell_directory using (true);

-- Two shops may have uploaded the same picture; it is the same picture.
create function find_shop_by_image(wanted text) returns uuid
language sql stable security definer set search_path = pg_catalog, public as $$
  select shop_id from shop_image where hash = wanted limit 1
$$;
alter function find_shop_by_image(text) owner to stampwell_directory;
revoke all on function find_shop_by_image(text) from public;
grant execute on function find_shop_by_image(text) to stampwell_web, stampwell_worker;
