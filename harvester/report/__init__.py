"""Reports: read the public views of the store and print. Never the API."""
