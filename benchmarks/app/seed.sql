-- Rows for the benchmark of the application, beside those of the demo: written by the database's superuser, behind the
-- application's back, since the actions would take an hour. The same each time, but for ids and moments.

insert into partners_partner (id, name, country, language, is_active, created_at)
select uuidv7(), initcap(words[1 + n % 12]) || ' ' || initcap(more[1 + n / 12 % 12]) || ' ' || n,
       countries[1 + n % 8], 'en', n % 11 <> 0, now() - n % 900 * interval '1 day'
from generate_series(1, :partners) n,
     (select array['north', 'blue', 'river', 'stone', 'green', 'cloud', 'silver', 'open', 'first', 'prime', 'wide', 'deep'] as words,
             array['networks', 'systems', 'digital', 'data', 'solutions', 'cloud', 'partners', 'group', 'labs', 'soft', 'tech', 'works'] as more,
             array['GB', 'IE', 'ID', 'PL', 'AE', 'NL', 'DE', 'US'] as countries) w;

-- The distributor of the demo has five hundred of them below it.
insert into partners_upline (partner_id, parent_id, valid)
select p.id, d.id, daterange('2026-01-01', null)
from (select id from partners_partner where name ~ ' \d+$' order by name limit 500) p,
     (select id from partners_partner where name = 'Delta Distribution') d;

insert into accounts_user (id, partner_id, email, name, roles, grants, language, time_zone, theme, is_active, created_at,
                           session_epoch, password)
select uuidv7(), p.id, 'person' || row_number() over () || '@bench.example', 'Person ' || row_number() over (),
       array['partner_seller'], '{}', 'en', 'UTC', 'system', true, now(), 0, '!'
from (select id from partners_partner where name ~ ' \d+$' order by md5(name) limit :partners * 3 / 10) p;

create temporary table author as
select (select id from accounts_user where email = 'mei@nimbus.example') as mei,
       (select id from accounts_user where email = 'dana@delta.example') as dana;

insert into workspace_comment (id, partner_id, subject_type, subject_id, is_internal, created_by_id, author, created_at,
                               text, mentioned)
select uuidv7(), p.id, 'partner', p.id, n % 7 = 0, mei, 'Mei Lin', now() - n * interval '3 hours',
       'We spoke about the next quarter, the campaign and what is still open. Note ' || n || '.', '{}'
from partners_partner p, generate_series(1, 5) n, author;

-- One conversation of 200.
insert into workspace_comment (id, partner_id, subject_type, subject_id, is_internal, created_by_id, author, created_at,
                               text, mentioned)
select uuidv7(), p.id, 'partner', p.id, false, mei, 'Mei Lin', now() - n * interval '1 hour', 'Said as number ' || n, '{}'
from partners_partner p, generate_series(1, 200) n, author where p.name = 'Delta Distribution';

insert into workspace_task (id, partner_id, subject_type, subject_id, is_internal, created_by_id, author, created_at,
                            title, assignee_id, assignee_name, due_date, done_at)
select uuidv7(), p.id, 'partner', p.id, false, mei, 'Mei Lin', now() - n * interval '1 day', 'Call back about ' || p.name,
       mei, 'Mei Lin', current_date + (n - 1), case when n = 1 then now() end
from partners_partner p, generate_series(1, 2) n, author;

insert into workspace_notification (id, user_id, kind, params, path, channel, created_at, read_at)
select uuidv7(), u.id, 'mentioned', '{"author": "Mei Lin", "title": "A partner"}', '/', 'application',
       now() - n * interval '1 hour', case when n > 20 then now() end
from accounts_user u, generate_series(1, 50) n;

-- The chain of hashes is not true; nothing here asks.
set session_replication_role = replica;
insert into core_auditevent (id, number, at, action, object_type, object_id, partner_id, face, user_id, request_id, details,
                             salt, details_hash, hash)
select uuidv7(), 1000000 + n, now() - (200000 - n) * interval '1 minute', 'comment.added', 'comment', uuidv7()::text, null,
       'desk', mei, md5(n::text), '{"name": "Mei Lin", "address": "192.0.2.1", "before": null, "after": {"text": "said"}}',
       '\x00', '\x00', '\x00'
from generate_series(1, 200000) n, author;
set session_replication_role = origin;

analyze;
