"""Monitoring: what people are told, through which channels, and what a scraper may read.

An alert begins as an alarm of the desk, which the journal holds, or as a fact outside of it, such as
a start that was refused. The book keeps it durably until a person has acknowledged it; couriers
carry it to every channel, each at its own pace. Nothing here decides about trading.
"""
