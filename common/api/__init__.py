"""The API kit: every rule of the contract that holds for all endpoints is written here, once."""
