"""The screens of sales. Both sides share the pages; what differs is what one may see and do."""
