"""`/api/token/` and `/kam/`: who comes in, who people are, and the teams they form."""
