// Saved queries for Neo4j Browser, all read-only. One query a block: its name, what it shows, its statement.
// They show every version of a corrected fact: those of one fact share `series`, and `withdrawn` marks a deletion.

// name: loans_of_a_borrower
// shows: the loans of the borrower who took most, with every dated event on them
MATCH (p:Person)-[:APPLIED_FOR]->(:Loan)
WITH p, count(*) AS loans ORDER BY loans DESC, p.key LIMIT 1
MATCH path = (p)-[:APPLIED_FOR|OWES|REPAID|MISSED|CLOSED|DEFAULTED_ON]->(:Loan)
RETURN path LIMIT 200;

// name: referrals_to_late_payers
// shows: chains of referrals that end at someone known to have missed an instalment
MATCH path = (:Person)-[:REFERRED*1..3]->(late:Person)-[:MISSED]->(:Loan)
RETURN path LIMIT 50;

// name: shared_counterparties
// shows: accounts of different persons that pay the same counterparty, leaving out those that nearly everyone pays
MATCH (counter:BankAccount)<-[:PAID]-(account:BankAccount)<-[:HOLDS]-(p:Person)
WHERE NOT (counter)<-[:HOLDS]-()
WITH counter, count(DISTINCT p) AS payers, collect(DISTINCT account.key)[..5] AS some_accounts
WHERE 1 < payers AND payers <= 20
RETURN counter.key AS counterparty, payers, some_accounts ORDER BY payers DESC, counterparty LIMIT 20;

// name: late_rate_by_bank
// shows: how many borrowers bank where, and what share of their repayments came late
MATCH (borrower:Person)-[r:REPAID]->(:Loan)
MATCH (borrower)-[:SAME_AS*0..4]-(p:Person)-[:HOLDS]->(:BankAccount)-[:HELD_AT]->(bank:Lender)
WITH DISTINCT bank, borrower, r
RETURN bank.key AS bank, count(DISTINCT borrower) AS borrowers, count(r) AS repayments,
       round(100.0 * sum(CASE WHEN r.days_late > 0 THEN 1 ELSE 0 END) / count(r), 1) AS late_pct
ORDER BY borrowers DESC, bank LIMIT 20;

// name: money_through_an_account
// shows: what went into and out of the busiest account that a person holds, by month and currency
MATCH (a:BankAccount)<-[:HOLDS]-(:Person)
WITH DISTINCT a, COUNT { (a)-[:PAID]-() } AS payments ORDER BY payments DESC, a.key LIMIT 1
MATCH (a)-[m:PAID]-()
WITH date.truncate('month', datetime({epochMillis: m.at_us / 1000})) AS month, m.currency AS currency,
     CASE WHEN startNode(m) = a THEN m.amount_minor ELSE 0 END AS out_minor,
     CASE WHEN endNode(m) = a THEN m.amount_minor ELSE 0 END AS in_minor
RETURN toString(month) AS month, currency, sum(in_minor) AS in_minor, sum(out_minor) AS out_minor
ORDER BY month, currency;

// name: ring_around_a_device
// shows: around a device that several persons use, all who are reached by one telephone number with its users: their devices, numbers, addresses and loans
MATCH (device:Device)<-[:USES_DEVICE]-(user:Person)-[:HAS_PHONE]->(phone:Phone)
WITH device, phone, count(DISTINCT user) AS users WHERE users > 1
MATCH (phone)<-[:HAS_PHONE]-(reached:Person)
WITH device, phone, users, count(DISTINCT reached) AS persons ORDER BY persons DESC, users DESC, device.key LIMIT 1
MATCH (phone)<-[:HAS_PHONE]-(one:Person)
WITH DISTINCT one
MATCH path = (one)-[:USES_DEVICE|HAS_PHONE|LIVES_AT|APPLIED_FOR]->(thing)
WHERE NOT thing:Place
RETURN path LIMIT 300;

// name: contacts_in_default
// shows: the borrower with most contacts who defaulted, and those contacts with the loans they defaulted on
MATCH (q:Person)-[:DEFAULTED_ON]->(:Loan)
WITH DISTINCT q
MATCH (q)-[:SAME_AS*0..3]-(:Person)-[:KNOWS|CALLED]-(:Person)-[:SAME_AS*0..3]-(p:Person)-[:APPLIED_FOR]->(:Loan)
WHERE p <> q
WITH p, count(DISTINCT q) AS in_default ORDER BY in_default DESC, p.key LIMIT 1
MATCH path = (p)-[:SAME_AS*0..3]-(:Person)-[:KNOWS|CALLED]-(:Person)-[:SAME_AS*0..3]-(:Person)-[:DEFAULTED_ON]->(:Loan)
RETURN path LIMIT 100;

// name: where_the_money_went
// shows: loans of which most went on to one account within ten days, what for and who holds it; goods and rent come last
MATCH path = (loan:Loan)-[paid_out:DISBURSED_TO]->(:BankAccount)-[moved:PAID]->(target:BankAccount)
WHERE 0 <= moved.at_us - paid_out.at_us AND moved.at_us - paid_out.at_us < 10 * 86400000000
  AND 0.5 * paid_out.amount_minor <= moved.amount_minor AND moved.amount_minor <= paid_out.amount_minor
OPTIONAL MATCH (holder)-[:HOLDS]->(target)
WITH loan, paid_out.amount_minor AS paid_out_minor, moved.amount_minor AS moved_minor,
     coalesce(moved.purpose, 'not stated') AS purpose, coalesce(labels(holder)[0], 'not known') AS holder, path
RETURN loan.key AS loan, paid_out_minor, moved_minor, purpose, holder, path
ORDER BY purpose IN ['GDDS', 'RENT'], moved_minor DESC, loan LIMIT 20;
