-- A file that has come is looked at by a job, and the cuts of an image are made anew when its focus moves. Mail goes first, and sites share three
-- queues, so that large files of many sites leave a worker room for everything else.
grant usage, create on schema public to tenantry_jobs;

set local role tenantry_jobs;

create function wake_media() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform graphile_worker.add_job('check-media', json_build_object('tenantId', new.tenant_id, 'mediaId', new.id),
    queue_name => 'media-' || (get_byte(uuid_send(new.tenant_id), 15) % 3), job_key => 'media:' || new.tenant_id || ':' || new.id, priority => 10);
  return null;
end
$$;
revoke all on function wake_media() from public;
grant execute on function wake_media() to tenantry_owner;

reset role;
revoke create on schema public from tenantry_jobs;

set local role tenantry_owner;

create trigger media_wake_on_check after insert or update of status on media
  for each row when (new.status = 'checking') execute function wake_media();
create trigger media_wake_on_focus after update of focus_x, focus_y on media
  for each row when (new.status = 'ready' and new.kind = 'image') execute function wake_media();
