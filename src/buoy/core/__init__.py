"""What every room stands on: who acts, in which transaction, what is recorded, what time it is."""
