"""The ledger of claims, and the verdicts on them."""
