"""What measures the service: data of any size, and what the database does for an answer. Run by hand."""
