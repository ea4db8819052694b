-- What the runs of its chain before this one did, as sums over their ledger: a follower that lives for years opens and ends its
-- runs by adding one run's pages to it. Null: opened before this column, and summed from the ledger once more.
alter table runs add column totals_before jsonb;
