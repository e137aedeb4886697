def check_cell(cell): pass
