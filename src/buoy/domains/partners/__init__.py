"""The organisations that sell for the vendor, and who stands above whom."""
