"""Reading back what happened: tables, exports and pages."""
