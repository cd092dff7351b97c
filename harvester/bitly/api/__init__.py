"""Every read endpoint of Bitly's API as a method, by what it tells of: start at `Bitly`."""
