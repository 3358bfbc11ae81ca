-- Lines for the benchmark of sales, and what they add up to by month: written by the database's superuser, behind the
-- application's back, since bringing ten million in takes a while. Only once: the second time nothing is added.

insert into sales_line (id, partner_id, partner_why, customer_id, source_id, batch_id, occurrence, novelty, posted_at, key,
    content, partner_code, partner_name, sale_date, document_no, line_no, line_id, order_no, product_code, product_name,
    quantity, unit_price, amount, currency, customer_code, customer_name, customer_country, channel, tier_from, tier_to,
    deal_ref, returns_ref, kind, event)
select uuidv7(), p.ids[1 + n / 10 % array_length(p.ids, 1)], 'name', null, b.source_id, b.id, 0, '', now(),
    decode(md5('fill' || n), 'hex'), decode(md5('fill' || n), 'hex'), '', '', date '2022-01-01' + (n % 1700), 'F' || n / 10,
    (n % 10)::text, '', '', 'P' || n % 200, '', n % 12 + 1, 10, (n % 12 + 1) * 10, 'EUR', '', '', '', 'indirect', '', '', '', '',
    case when n % 50 = 0 then 'return' else 'sale' end, 'invoice'
from generate_series(1, :lines) n,
    (select array_agg(id order by id) as ids from partners_partner) p,
    (select id, source_id from sales_importbatch order by created_at limit 1) b
where not exists (select from sales_line where document_no = 'F1');

insert into sales_monthtotal (partner_id, month, channel, tier_from, tier_to, event, kind, currency, lines, quantity, amount)
select partner_id, date_trunc('month', sale_date)::date, channel, tier_from, tier_to, event, kind, currency, count(*),
    sum(quantity), sum(amount)
from sales_line where document_no like 'F%'
    and not exists (select from sales_monthtotal where channel = 'indirect' and event = 'invoice' and month < '2024-01-01')
group by 1, 2, 3, 4, 5, 6, 7, 8;

analyze sales_line;
analyze sales_monthtotal;
