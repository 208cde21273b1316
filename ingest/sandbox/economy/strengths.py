"""How strong each mechanism of the economy is: declared before any model met what comes out, never tuned to please one.

Rates are a month, money in minor units of EUR unless said otherwise. `docs/sandbox.md` gives the literature.
"""

# work
TURNOVER = 0.006  # chance to lose a job at a healthy firm
MASS_LAYOFF_SHARE = 0.35  # of the staff, when a firm in trouble cuts
TROUBLE_AT, TROUBLE_SLOPE = -2.6, 2.2  # health where half of all firms would cut each month, and how sharply that begins
FAILING_AT, FAILING_CHANCE = -2.0, 0.06  # a firm below this health closes with this chance
HIRING = 0.14  # chance to find work again
HIRING_BY_ABILITY, HIRING_BY_DOWNTURN = 0.25, 0.35
BENEFIT_SHARE, BENEFIT_MONTHS, BENEFIT_FLOOR_MINOR = 0.58, 12, 56_000
HEALTH_MEMORY, HEALTH_NOISE, SECTOR_NOISE = 0.93, 0.28, 0.12
HEALTH_BY_DOWNTURN, HEALTH_BY_UNPAID = 0.10, 0.9  # what the local downturn and unpaid invoices take off
DOWNTURN_MEMORY, DOWNTURN_NOISE, COUNTRY_NOISE = 0.92, 0.22, 0.06

# illness
ILLNESS, ILLNESS_OLD = 0.006, 0.012  # chance to fall ill, below and above 60
WELL_AGAIN = 0.25
SICK_PAY_SHARE = 0.72
ILLNESS_COST_MINOR = 14_000

# the month's money
FOOD_MINOR, FOOD_SHARE_OF_WAGE, FOOD_LEAST = 16_000, 0.055, 0.60
TRANSPORT_MINOR, TRANSPORT_SHARE_OF_WAGE = 10_000, 0.082
HEALTH_MINOR = 7_500
UTILITY_MINOR, TELECOM_MINOR = 9_500, 4_800
UTILITY_SEASON = (1.45, 1.40, 1.20, 1.0, 0.80, 0.70, 0.65, 0.65, 0.75, 0.95, 1.15, 1.35)
SPENDING_SEASON = (0.90, 0.88, 0.95, 0.98, 1.00, 1.0, 1.03, 0.98, 0.97, 1.0, 1.08, 1.28)
SPENT_OF_THE_REST, SPENT_BY_THRIFT = 0.93, 0.09  # of what fixed needs leave, spent on wishes
SPENDING_NOISE = 0.22
INCOME_NOISE, PROFIT_NOISE = 0.03, 0.28
BUFFER_MONTHS, BUFFER_BY_THRIFT = 0.8, 0.55  # wished for savings in months of outgoings: exp-linear in thrift
CUT_WHEN_SHORT = 0.55  # of wishes, at an empty account
CUT_WHEN_WORRIED = 0.16  # of wishes for each unit of worry
ONLINE_SHARE, LEISURE_SHARE = 0.30, 0.41  # of wishes; the rest goes on small things

# bills and habits
BILL_LATE_BASE, BILL_LATE_BY_HABIT, BILL_LATE_BY_WILL, BILL_LATE_BY_WORRY = -3.1, 2.4, 0.35, 0.45
HABIT_MEMORY = 0.93

# the will to pay an instalment: log-odds of letting it pass though the money is there
MISS_BASE = -4.0
MISS_BY_WILL = 0.75
MISS_BY_HABIT = 1.3
MISS_BY_WORRY = 0.55
MISS_BY_PRESSURE, PRESSURE_SATURATES = 2.4, 2.2  # at most so much, and how soon: (1 - exp(-2.2 pressure))
MISS_WHEN_LATE = 2.2  # once one instalment has been missed
WORRY_MEMORY = 0.62

# ties
TOUCH = 0.40  # chance of being in touch in a month, times strength
PRESSURE_MEMORY = 0.78
ARREARS_WORD = 0.4  # what it weighs on others that someone is two instalments behind; a default weighs 1
RECENCY_MONTHS = 3.0  # the weight of a tie falls to 1/e after so many months of silence
PRESSURE_BY_KIND = (1.1, 1.3, 0.8, 0.35)  # kin, friend, colleague, neighbour
PRESSURE_FROM_HELPER, PRESSURE_FROM_HELPED = 1.6, 0.7  # when the defaulter used to help, or to be helped
PRESSURE_AT_WORK = 1.8  # when both have the same employer at the time
SUPPORT_SHARE = 0.05  # of the helper's monthly wage, for each tie in need
SUPPORT_STRENGTH = 0.55  # ties from this strength on, and kin, help
GUARANTEED_SHARE = 0.10  # of loans
GUARANTEE_OF_REST = 0.60  # what a guarantor is asked for, of what is left

# lending
CREDIT_USERS = -0.9  # persons whose craving lies above this ever borrow
APPLY_BASE, APPLY_BY_CRAVING, APPLY_BY_NEED = -1.75, 0.35, 0.9
APPLY_WITH_LOAN = -1.1  # taken off while a loan runs
PAUSE_AFTER_LOAN, PAUSE_AFTER_DEFAULT = 4, 30  # months
ASKED_BY_KIND = (0.45, 0.35, 0.20)  # share of applications to banks, online lenders, platforms
TERMS = (6, 9, 12, 18, 24)
AMOUNT_WAGES_LEAST, AMOUNT_WAGES_SPREAD = 0.35, 2.4  # requested, in monthly wages
POLICY_INCOME, POLICY_WORK, POLICY_RECORD, POLICY_DEFAULTS, POLICY_CLOSED = 0.9, 0.45, 0.9, 2.5, 0.18
POLICY_SIGHT, POLICY_NOISE = 0.30, 0.55  # of the hidden will, and of nothing
POLICY_BASE = 0.55
PRICE_BY_SCORE_PCT = 2.2
GARNISHED = 0.10  # of income, after a default, until the debt is paid or written off
GARNISHED_MONTHS = 18
SHAM_PROFIT_MINOR = 45_000  # a month's income of a made-up identity, on paper from a trade of its own
SHAM_WAGE_MINOR = 240_000  # what it says it earns
REFERRED_SHARE_OF_CLIENTS = 0.6  # of applicants whose drawn acquaintance is a client of the same lender

# drift, at strength 1, a year
DRIFT_MISS, DRIFT_LAYOFF, DRIFT_ONLINE = 0.16, 0.20, 0.06
