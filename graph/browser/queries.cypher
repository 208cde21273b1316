// Saved queries for Neo4j Browser, all read-only. One query a block: its name, what it shows, its statement.

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
MATCH (bank:Lender)<-[:HELD_AT]-(:BankAccount)<-[:HOLDS]-(p:Person)-[r:REPAID]->(:Loan)
RETURN bank.key AS bank, count(DISTINCT p) AS borrowers, count(r) AS repayments,
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
