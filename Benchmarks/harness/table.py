"""What was measured beside what is demanded."""

import configparser


class Table:
    def __init__(self, thresholds):
        self.thresholds = configparser.ConfigParser()
        with open(thresholds) as file:
            self.thresholds.read_file(file)
        self.rows = []
        self.missed = 0

    def ratio(self, benchmark, key, what, seconds, reference, reference_seconds):
        """A time as a multiple of another."""
        value = seconds / reference_seconds
        self._add(benchmark, key, what, _time(seconds), f"{reference} {_time(reference_seconds)}", value, "{:.2f}")

    def count(self, benchmark, key, what, value, unit):
        self._add(benchmark, key, what, f"{value:.0f} {unit}", "", value, "{:.0f}")

    def note(self, what, value):
        """A figure that nothing is demanded of."""
        self.rows.append([what, value, "", "", "", ""])

    def _add(self, benchmark, key, what, measured, reference, value, form):
        limit = self.thresholds.getfloat(benchmark, key)
        good = value <= limit
        self.missed += not good
        ratio = form.format(value) if reference else ""
        self.rows.append([what, measured, reference, ratio, f"≤ {limit:g}", "ok" if good else "MISSED"])

    def show(self):
        rows = [["", "measured", "reference", "ratio", "limit", ""], *self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
        print(flush=True)
        self.rows = []


def _time(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"
