"""What every API view shares and no business rule enters: errors, keys, limits, pages, schema."""
