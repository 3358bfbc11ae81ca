"""What the vendor sells, at which price, by which way, and who may sell what to whom."""
