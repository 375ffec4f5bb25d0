set local role tenantry_owner;

-- The history of a site's mail comes with it when it is imported: what was sent long ago is no reason to look for mail to send, a hundred thousand times
-- in one transaction.
drop trigger mail_messages_wake_on_insert on mail_messages;
create trigger mail_messages_wake_on_insert after insert on mail_messages
  for each row when (new.status = 'queued') execute function wake_mail();
