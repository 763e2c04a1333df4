"""One file for each broker; what a vendor calls things stops here."""
