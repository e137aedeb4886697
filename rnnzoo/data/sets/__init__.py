"""The named data sets, one folder or file each."""
