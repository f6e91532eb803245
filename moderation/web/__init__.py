"""The Flask edge: who may open a page, forms, filters, charts, errors and headers. Knows no stage."""
