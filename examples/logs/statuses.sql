-- How the server answered. What was no request of HTTP is in the log, too, and has no method.
select status, count(*) as requests, count(*) filter (where method is null) as no_request,
       round(100.0 * count(*) / sum(count(*)) over (), 1) as percent,
       repeat('█', ceil(40.0 * count(*) / max(count(*)) over ())::integer) as chart
  from api_log_requests where source = 'shop/nginx' group by status order by status;
