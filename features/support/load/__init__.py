"""Many requests, and the account of them: crowds, lasting load, endurance, the ledger of orders."""
